import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CliError } from "../errors/cli-error.ts";
import { Secret } from "./secret.ts";
import { syncFolder, writeFileAtomic } from "./write-file-atomic.ts";

/**
 * Secrets made by `init`, with the number of random bytes behind each. 32 bytes = 256 bit everywhere: well over
 * the 128 bit that SEC-01 asks for, and the least that Directus wants for its own secret.
 */
export const SECRETS = {
  instance_key: { bytes: 32, purpose: "derives the key each service signs its identity with" },
  postgres_superuser_password: { bytes: 32, purpose: "Postgres superuser, used by migrate and seed only" },
  muster_directus_password: { bytes: 32, purpose: "Postgres role of Directus" },
  muster_portal_password: { bytes: 32, purpose: "Postgres role of the portal (reads views)" },
  muster_rag_password: { bytes: 32, purpose: "Postgres role of the search service (reads views)" },
  directus_secret: { bytes: 32, purpose: "signs Directus sessions" },
  directus_admin_password: { bytes: 32, purpose: "Studio login of the operator" },
  directus_admin_token: { bytes: 32, purpose: "API token elk-os itself uses" },
  rag_key: { bytes: 32, purpose: "bearer key of the search service" },
} as const satisfies Record<string, { bytes: number; purpose: string }>;

/** Values that the operator gave in a setting, and that `init` keeps: nobody makes or rotates them here. */
export const GIVEN_SECRETS = ["database_url", "database_listen_url"] as const;
export type GivenSecretName = (typeof GIVEN_SECRETS)[number];

export type SecretName = keyof typeof SECRETS | `agent-${string}`;

export interface SecretStore {
  /** Throws STATE_UNREADABLE when the secret does not exist. */
  read(name: SecretName): Secret;
  has(name: SecretName): boolean;
  /** Makes a missing secret (hex); never replaces one. True when it was made. */
  ensure(name: SecretName, bytes?: number): boolean;
  /** Writes a value that was given; true when it is another than before. */
  keep(name: GivenSecretName, value: Secret): boolean;
  path(name: SecretName): string;
  names(): readonly string[];
  /** The value that shall follow: made by `propose` and not accepted yet, or null. */
  proposed(name: SecretName): Secret | null;
  /** Writes a new value beside the one in use, which stays. */
  propose(name: SecretName, bytes?: number): Secret;
  /** Puts the proposed value in the place of the one in use. */
  accept(name: SecretName): void;
  /** Forgets the proposed value; nothing when there is none. */
  withdraw(name: SecretName): void;
}

/** Ends the name of a proposed value, which is no secret yet. */
const PROPOSED = ".next";

/** Files of mode 0600 without a trailing newline, because Directus does not trim `*_FILE` values. */
export function openSecrets(dir: string): SecretStore {
  const path = (name: SecretName | GivenSecretName) => join(dir, name);
  return {
    path,
    has: (name) => existsSync(path(name)),
    // A kill between write and rename leaves a temporary file behind; it is no secret.
    names: () =>
      existsSync(dir)
        ? readdirSync(dir)
            .filter((name) => !name.endsWith(".tmp") && !name.endsWith(PROPOSED))
            .sort()
        : [],
    read(name) {
      try {
        return new Secret(readFileSync(path(name), "utf8").trim());
      } catch (error) {
        throw new CliError("STATE_UNREADABLE", {
          message: `The secret "${name}" cannot be read from the state folder.`,
          hint: "Run `elk-os up`: init makes what is missing. If files were moved, point ELK_OS_STATE_DIR at them.",
          cause: error,
        });
      }
    },
    ensure(name, bytes = 32) {
      if (existsSync(path(name))) return false;
      writeFileAtomic(path(name), randomBytes(bytes).toString("hex"), 0o600);
      return true;
    },
    keep(name, value) {
      if (existsSync(path(name)) && readFileSync(path(name), "utf8") === value.reveal()) return false;
      writeFileAtomic(path(name), value.reveal(), 0o600);
      return true;
    },
    proposed(name) {
      const file = `${path(name)}${PROPOSED}`;
      return existsSync(file) ? new Secret(readFileSync(file, "utf8").trim()) : null;
    },
    propose(name, bytes = 32) {
      const value = randomBytes(bytes).toString("hex");
      writeFileAtomic(`${path(name)}${PROPOSED}`, value, 0o600);
      return new Secret(value);
    },
    accept(name) {
      renameSync(`${path(name)}${PROPOSED}`, path(name));
      syncFolder(dir);
    },
    withdraw: (name) => rmSync(`${path(name)}${PROPOSED}`, { force: true }),
  };
}
