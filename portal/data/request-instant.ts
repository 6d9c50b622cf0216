/** The instant for which the current request asks, wherever in it rows are read. */
import { headers } from "next/headers";
import { AT_HEADER } from "../request-headers.ts";
import type { Instant } from "../view/instant.ts";
import { instantOf } from "./replay.ts";

/** Null: now. Also outside of a request, such as in a test of the data alone. */
export async function requestInstant(): Promise<Instant | null> {
  let at: string | null;
  try {
    at = (await headers()).get(AT_HEADER);
  } catch (error) {
    if (error instanceof Error && error.message.includes("outside a request scope")) return null;
    throw error;
  }
  return instantOf(at);
}
