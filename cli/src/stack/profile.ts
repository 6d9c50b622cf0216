import { join } from "node:path";
import { loadProfile, type Profile } from "../seed/load-profile.ts";
import type { Stack } from "./stack.ts";

/** The chosen profile, checked as a whole. @throws CliError PROFILE_INVALID */
export function chosenProfile({ checkout, config }: Pick<Stack, "checkout" | "config">): Profile {
  return loadProfile(join(checkout, "profiles"), config.profile);
}
