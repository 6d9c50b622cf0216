import { realpathSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CliError } from "../errors/cli-error.ts";
import { statePaths } from "../state/paths.ts";
import { defaultInstance, defaultStateDir } from "../state/state-dir.ts";
import { closest } from "./closest.ts";
import { findDatabaseProblem } from "./database-rules.ts";
import { CONFIG_KEYS, type Config, type ConfigKey, configSchema, environmentName } from "./schema.ts";
import { chooseSecret, SECRET_SETTINGS } from "./secret-settings.ts";
import { presetOf } from "./sizes.ts";
import {
  type ConfigSource,
  dotenvSource,
  environmentSource,
  flagSource,
  KEY_BY_ENVIRONMENT_NAME,
  recordedSource,
} from "./sources.ts";
import { findTlsProblem } from "./tls-rules.ts";

export interface LoadedConfig {
  readonly value: Config;
  /** Where each value came from, for `elk-os config` and for error texts. */
  readonly provenance: Readonly<Record<ConfigKey, string>>;
  /** Explicit values by environment name; `init` records them so that later commands need no flags. */
  readonly explicit: Readonly<Record<string, string>>;
  /** Root of the checkout (absolute, symlinks resolved). */
  readonly checkout: string;
}

export interface LoadInput {
  readonly flags?: Partial<Record<ConfigKey, string>>;
  /** Defaults to the process environment; tests pass their own. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly checkout?: string;
  readonly isRoot?: boolean;
}

/**
 * Merges defaults < those of the chosen size < recorded < .env < environment < flags and validates the whole. An empty value unsets the key, so
 * that it has its default again; bin/elk-os reads empty values in the same way.
 * @throws CliError CONFIG_KEY_UNKNOWN, CONFIG_VALUE_INVALID: both name the key, its source and the fix.
 */
export function loadConfig(input: LoadInput = {}): LoadedConfig {
  const checkout = realpathSync(input.checkout ?? fileURLToPath(new URL("../../..", import.meta.url)));
  const strong = [
    dotenvSource(join(checkout, ".env")),
    environmentSource(input.environment ?? process.env),
    flagSource(input.flags ?? {}),
  ];
  for (const source of strong) assertKnownKeys(source);

  const place = locate(strong, checkout, input.isRoot ?? process.getuid?.() === 0);
  const recorded = recordedSource(statePaths(place.stateDir).config);
  const sources = [recorded, ...strong];

  const raw: Record<string, string> = {};
  const provenance = Object.fromEntries(CONFIG_KEYS.map((key) => [key, "default"])) as Record<ConfigKey, string>;
  const ranks = new Map<string, number>();
  for (const [rank, source] of sources.entries()) {
    for (const [name, value] of Object.entries(source.values)) {
      const key = KEY_BY_ENVIRONMENT_NAME.get(name);
      if (key === undefined) continue;
      if (value === "") {
        delete raw[key];
        provenance[key] = "default";
      } else {
        raw[key] = value;
        provenance[key] = source.describe(name);
        ranks.set(key, rank);
      }
    }
  }
  const given = (key: ConfigKey) => {
    const value = raw[key];
    return value === undefined ? null : { value, source: provenance[key], rank: ranks.get(key) ?? 0 };
  };
  const secrets = statePaths(place.stateDir).secrets;
  for (const setting of SECRET_SETTINGS) {
    const chosen = chooseSecret(setting, given, { checkout, secrets });
    if (chosen === null) continue;
    raw[setting.key] = chosen.value;
    raw[setting.fileKey] = chosen.file;
    provenance[setting.key] = chosen.source;
  }
  const explicit = Object.fromEntries(
    Object.entries(raw)
      .filter(([key]) => !LOCATION_KEYS.has(key) && !SECRET_KEYS.has(key))
      .map(([key, value]) => [environmentName(key as ConfigKey), value]),
  );
  const preset = presetOf(raw["size"], (key) => raw[key] !== undefined);
  for (const key of Object.keys(preset)) provenance[key as ConfigKey] = `size ${raw["size"]}`;
  const parsed = configSchema.safeParse({ ...preset, ...raw, ...place });
  if (parsed.success) {
    assertApart(parsed.data.stateDir, checkout, provenance.stateDir);
    assertTogether(parsed.data, provenance);
    return { value: parsed.data, provenance, explicit, checkout };
  }

  const issue = parsed.error.issues[0];
  const key = (issue?.path[0] ?? "stateDir") as ConfigKey;
  throw new CliError("CONFIG_VALUE_INVALID", {
    message: `${environmentName(key)} is "${SECRET_KEYS.has(key) ? "[redacted]" : (raw[key] ?? place[key as keyof typeof place] ?? "")}" (from ${provenance[key]}): ${issue?.message ?? "not valid"}.`,
    hint: `What it means: ${configSchema.shape[key].description ?? ""} Every key: elk-os config`,
    facts: { key: environmentName(key), source: provenance[key] },
  });
}

/** Where state lies decides where the record is read from, so these keys are never recorded themselves. */
const LOCATION_KEYS: ReadonlySet<string> = new Set(["stateDir", "cacheDir", "instance"]);

/** Recorded as the name of the file that holds them. */
const SECRET_KEYS: ReadonlySet<string> = new Set(SECRET_SETTINGS.map(({ key }) => key));

function locate(sources: readonly ConfigSource[], checkout: string, isRoot: boolean) {
  const pick = (key: ConfigKey): string | undefined =>
    sources.map((source) => source.values[environmentName(key)]).findLast((value) => value !== undefined) || undefined;
  const instance = pick("instance") ?? defaultInstance(checkout);
  const stateDir = resolve(checkout, pick("stateDir") ?? defaultStateDir({ checkout, instance, isRoot }));
  return { instance, stateDir, cacheDir: resolve(checkout, pick("cacheDir") ?? join(stateDir, "cache")) };
}

/** The state folder is closed to others and emptied by `reset`: neither may happen to the checkout or a folder above it. */
function assertApart(stateDir: string, checkout: string, source: string): void {
  const below = relative(stateDir, checkout);
  if (below === ".." || below.startsWith("../")) return;
  throw new CliError("CONFIG_VALUE_INVALID", {
    message: `ELK_OS_STATE_DIR is "${stateDir}" (from ${source}), which holds this checkout.`,
    hint: "Name a folder of its own, or leave it out.",
    facts: { key: "ELK_OS_STATE_DIR", source },
  });
}

/** Each value may be sound, and all of them together not. */
function assertTogether(value: Config, provenance: Readonly<Record<ConfigKey, string>>): void {
  const problem = findTlsProblem(value, (key) => provenance[key] !== "default") ?? findDatabaseProblem(value);
  if (problem === null) return;
  const { key, why, hint } = problem;
  throw new CliError("CONFIG_VALUE_INVALID", {
    message: `${environmentName(key)} is "${String(value[key] ?? "")}" (from ${provenance[key]}): ${why}.`,
    hint,
    facts: { key: environmentName(key), source: provenance[key] },
  });
}

function assertKnownKeys(source: ConfigSource): void {
  for (const name of Object.keys(source.values)) {
    if (KEY_BY_ENVIRONMENT_NAME.has(name)) continue;
    const guess = closest(name, KEY_BY_ENVIRONMENT_NAME.keys());
    throw new CliError("CONFIG_KEY_UNKNOWN", {
      message: `config key ${name} is unknown (from ${source.describe(name)})`,
      hint: `${guess === null ? "" : `did you mean ${guess}? `}every key: elk-os config`,
      facts: { key: name, source: source.describe(name), suggestion: guess },
    });
  }
}

/**
 * Takes the secret settings out of the environment that is handed on to children: those read what `init` recorded. A child of npm, or a
 * suite, has no use for the database's administrator.
 */
export function forgetSecrets(environment: NodeJS.ProcessEnv = process.env): void {
  for (const { key } of SECRET_SETTINGS) delete environment[environmentName(key)];
}

/** A wired agent's token as its client got it; null when the environment holds none. The only other thing read from there. */
export function tokenFromEnvironment(variable: `ELK_OS_TOKEN_${string}`): string | null {
  const value = process.env[variable];
  return value === undefined || value === "" ? null : value;
}
