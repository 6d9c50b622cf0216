import { existsSync, readFileSync } from "node:fs";
import { parse } from "dotenv";
import { CONFIG_KEYS, type ConfigKey, environmentName } from "./schema.ts";

/** One place settings come from, strongest last in the list that load.ts merges. */
export interface ConfigSource {
  /** How `elk-os config` names it: "default", "recorded", ".env line 3", "environment", "flag --profile". */
  readonly describe: (name: string) => string;
  /** Values by environment name. */
  readonly values: Readonly<Record<string, string>>;
}

/** Environment variables that only the launcher, the supervisor or wired clients read; they are known, and not settings. */
const FOREIGN_NAMES = new Set([
  "ELK_OS_NODE",
  "ELK_OS_NPM_REGISTRY",
  "ELK_OS_QUIET",
  "ELK_OS_DEV",
  "ELK_OS_ASCII",
  "ELK_OS_IMAGE_CLI",
  // The mark of what a supervisor started.
  "ELK_OS_SUPERVISED",
  // The key of search as wired clients reference it.
  "ELK_OS_RAG_KEY",
]);
/** Agent tokens as wired clients reference them (`ELK_OS_TOKEN_A01`). */
const FOREIGN_PREFIXES = ["ELK_OS_TOKEN_"];

export function isForeignName(name: string): boolean {
  return FOREIGN_NAMES.has(name) || FOREIGN_PREFIXES.some((prefix) => name.startsWith(prefix));
}

export const KEY_BY_ENVIRONMENT_NAME: ReadonlyMap<string, ConfigKey> = new Map(
  CONFIG_KEYS.map((key) => [environmentName(key), key]),
);

export function environmentSource(environment: Readonly<Record<string, string | undefined>>): ConfigSource {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (name.startsWith("ELK_OS_") && value !== undefined && !isForeignName(name)) values[name] = value;
  }
  return { describe: () => "environment", values };
}

export function dotenvSource(path: string): ConfigSource {
  if (!existsSync(path)) return { describe: () => ".env", values: {} };
  const text = readFileSync(path, "utf8");
  const lines = text.split("\n");
  const values = Object.fromEntries(
    Object.entries(parse(text)).filter(([name]) => name.startsWith("ELK_OS_") && !isForeignName(name)),
  );
  return {
    describe(name) {
      const index = lines.findIndex((line) => line.replace(/^\s*(export\s+)?/, "").startsWith(name));
      return index < 0 ? ".env" : `.env line ${index + 1}`;
    },
    values,
  };
}

export function flagSource(flags: Partial<Record<ConfigKey, string>>): ConfigSource {
  const values: Record<string, string> = {};
  for (const key of CONFIG_KEYS) {
    const value = flags[key];
    if (value !== undefined) values[environmentName(key)] = value;
  }
  return {
    describe: (name) =>
      `flag --${name
        .replace(/^ELK_OS_/, "")
        .toLowerCase()
        .replaceAll("_", "-")}`,
    values,
  };
}

/** Settings that an earlier `init` recorded in the state folder. A damaged record reads as empty; init rewrites it. */
export function recordedSource(path: string): ConfigSource {
  const describe = () => "recorded in config.json";
  if (!existsSync(path)) return { describe, values: {} };
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof parsed !== "object" || parsed === null) return { describe, values: {} };
    return {
      describe,
      values: Object.fromEntries(
        Object.entries(parsed).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
      ),
    };
  } catch {
    // The record is only a convenience; what was set explicitly still wins and init writes it anew.
    return { describe, values: {} };
  }
}
