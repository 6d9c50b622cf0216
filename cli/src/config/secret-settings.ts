import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CliError } from "../errors/cli-error.ts";
import type { GivenSecretName } from "../state/secrets.ts";
import { type ConfigKey, environmentName } from "./schema.ts";

interface SecretSetting {
  readonly key: "databaseUrl" | "databaseListenUrl";
  /** Setting that names a file which holds the value instead. */
  readonly fileKey: "databaseUrlFile" | "databaseListenUrlFile";
  /** Under this name `init` keeps a value that was given itself; what is recorded is then the file. */
  readonly secret: GivenSecretName;
}

/** Settings that are secret: never shown, never recorded but as the name of a file. */
export const SECRET_SETTINGS: readonly SecretSetting[] = [
  { key: "databaseUrl", fileKey: "databaseUrlFile", secret: "database_url" },
  { key: "databaseListenUrl", fileKey: "databaseListenUrlFile", secret: "database_listen_url" },
];

/** What the sources say: a value, where it comes from, and how strong that source is (a higher rank wins). */
interface Given {
  readonly value: string;
  readonly source: string;
  readonly rank: number;
}

export interface ChosenSecret {
  readonly value: string;
  readonly source: string;
  /** What `init` records: the file. */
  readonly file: string;
}

/**
 * The value of a secret setting: itself or its file, whichever was said by the stronger source; null: neither.
 * @throws CliError CONFIG_VALUE_INVALID when one source says both, or the file cannot be read
 */
export function chooseSecret(
  { key, fileKey, secret }: SecretSetting,
  given: (key: ConfigKey) => Given | null,
  places: { readonly checkout: string; readonly secrets: string },
): ChosenSecret | null {
  const [itself, inFile] = [given(key), given(fileKey)];
  if (itself !== null && inFile !== null && itself.rank === inFile.rank) {
    throw new CliError("CONFIG_VALUE_INVALID", {
      message: `${environmentName(key)} and ${environmentName(fileKey)} are both set (from ${itself.source}).`,
      hint: "Set one of them.",
      facts: { key: environmentName(key), source: itself.source },
    });
  }
  if (itself !== null && itself.rank > (inFile?.rank ?? -1)) {
    return { value: itself.value, source: itself.source, file: join(places.secrets, secret) };
  }
  if (inFile === null) return null;
  const file = resolve(places.checkout, inFile.value);
  try {
    return { value: readFileSync(file, "utf8").trim(), source: `${file} (${inFile.source})`, file };
  } catch (cause) {
    throw new CliError("CONFIG_VALUE_INVALID", {
      message: `${environmentName(fileKey)} is "${file}" (from ${inFile.source}), which cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
      hint: `Put the address there, or set ${environmentName(key)}.`,
      cause,
      facts: { key: environmentName(fileKey), source: inFile.source },
    });
  }
}
