import { readFileSync } from "node:fs";
import path from "node:path";
import { parse, YAMLParseError } from "yaml";
import { describeIssues, invalidProfile } from "./invalid-profile.ts";
import { type LoadedSeed, loadSeed } from "./load-seed.ts";
import { type ProfileManifest, profileSchema } from "./profile-schema.ts";

/** A profile that is wholly valid: its manifest, and seed rows whose references all resolve. */
export interface Profile {
  readonly manifest: ProfileManifest;
  /** `profiles/<name>` */
  readonly folder: string;
  readonly seed: LoadedSeed;
}

/**
 * Reads and checks `profiles/<name>`.
 * @param profilesDir folder that holds all profiles
 * @throws CliError PROFILE_INVALID naming the file, the row and the key
 */
export function loadProfile(profilesDir: string, name: string): Profile {
  const folder = path.join(profilesDir, name);
  const manifest = loadManifest(path.join(folder, "profile.yaml"), name);
  return { manifest, folder, seed: loadSeed(path.join(folder, "seed"), manifest.agents) };
}

function loadManifest(file: string, name: string): ProfileManifest {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw invalidProfile(file, [`there is no profile "${name}", or its profile.yaml cannot be read`], cause);
  }
  const manifest = parseManifest(file, text);
  if (manifest.name !== name) throw invalidProfile(file, [`name: is "${manifest.name}", but the folder is "${name}"`]);
  return manifest;
}

/** Parses the text of a profile.yaml. Pure. @throws CliError PROFILE_INVALID naming the file and the key */
export function parseManifest(file: string, text: string): ProfileManifest {
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    if (!(cause instanceof YAMLParseError)) throw cause;
    throw invalidProfile(file, [cause.message], cause);
  }
  const parsed = profileSchema.safeParse(value);
  if (!parsed.success) throw invalidProfile(file, describeIssues(parsed.error));
  const names = parsed.data.agents.map((agent) => agent.name);
  const twice = names.filter((agent, index) => names.indexOf(agent) !== index);
  if (twice.length > 0) throw invalidProfile(file, [`agents: ${twice.join(", ")} is there twice`]);
  return parsed.data;
}
