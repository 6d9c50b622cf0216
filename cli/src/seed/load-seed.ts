import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { checkReferences } from "./check-references.ts";
import { describeIssues, invalidProfile } from "./invalid-profile.ts";
import type { ProfileAgent } from "./profile-schema.ts";
import { hashSeed } from "./seed-hash.ts";
import { SEED_FILES, type SeedFile, type SeedRow, type SeedRows } from "./seed-schema.ts";

export interface LoadedSeed {
  readonly rows: SeedRows;
  readonly agents: readonly ProfileAgent[];
  /** Content hash by file name without `.json`, and `agents` for the fleet in profile.yaml. */
  readonly hashes: Readonly<Record<string, string>>;
}

/**
 * Reads `seed/*.json`, checks every row, then every reference between rows.
 * @throws CliError PROFILE_INVALID naming the file, the row and the key
 */
export function loadSeed(folder: string, agents: readonly ProfileAgent[]): LoadedSeed {
  const present = listSeedFiles(folder);
  const hashes: Record<string, string> = { agents: hashSeed(agents) };
  const read = <F extends SeedFile>(file: F): readonly SeedRow<F>[] => {
    if (!present.has(file)) return [];
    const value = readJson(path.join(folder, `${file}.json`));
    hashes[file] = hashSeed(value);
    return parseSeedFile(file, path.join(folder, `${file}.json`), value);
  };
  const rows: SeedRows = {
    organizations: read("organizations"),
    contacts: read("contacts"),
    repositories: read("repositories"),
    projects: read("projects"),
    phases: read("phases"),
    tasks: read("tasks"),
    claims: read("claims"),
    verifications: read("verifications"),
    notes: read("notes"),
    receipts: read("receipts"),
    releases: read("releases"),
    usage: read("usage"),
    reservations: read("reservations"),
    sessions: read("sessions"),
  };
  const problems = checkReferences(rows, agents);
  if (problems.length > 0) throw invalidProfile(folder, problems);
  return { rows, agents, hashes };
}

/** Checks the rows of one file. Pure. @throws CliError PROFILE_INVALID naming the row by its number, key or name */
export function parseSeedFile<F extends SeedFile>(file: F, source: string, value: unknown): readonly SeedRow<F>[] {
  if (!Array.isArray(value)) throw invalidProfile(source, ["must be a list of rows"]);
  const rows: SeedRow<F>[] = [];
  const problems: string[] = [];
  value.forEach((row: unknown, index) => {
    const parsed = SEED_FILES[file].safeParse(row);
    if (parsed.success) rows.push(parsed.data as SeedRow<F>);
    else problems.push(...describeIssues(parsed.error).map((problem) => `${nameRow(row, index)} › ${problem}`));
  });
  if (problems.length > 0) throw invalidProfile(source, problems);
  return rows;
}

function nameRow(row: unknown, index: number): string {
  const position = `row ${index + 1}`;
  if (typeof row !== "object" || row === null) return position;
  const name: unknown = Reflect.get(row, "number") ?? Reflect.get(row, "key") ?? Reflect.get(row, "task");
  return typeof name === "string" || typeof name === "number" ? `${position} (${name})` : position;
}

function listSeedFiles(folder: string): ReadonlySet<string> {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (cause) {
    throw invalidProfile(folder, ["the folder cannot be read"], cause);
  }
  const known = names.filter((name) => name.endsWith(".json") && Object.hasOwn(SEED_FILES, name.slice(0, -5)));
  const strangers = names.filter((name) => !known.includes(name));
  if (strangers.length > 0) {
    throw invalidProfile(folder, [
      `${strangers.join(", ")}: not a seed file; known are ${Object.keys(SEED_FILES).join(", ")}`,
    ]);
  }
  return new Set(known.map((name) => name.slice(0, -5)));
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw invalidProfile(file, [cause instanceof Error ? cause.message : String(cause)], cause);
  }
}
