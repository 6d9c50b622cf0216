import { chmodSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { SECRET_SETTINGS } from "../config/secret-settings.ts";
import { counted } from "../output/counted.ts";
import { fingerprint } from "../secrets/fingerprint.ts";
import type { Stack } from "../stack/stack.ts";
import { ensureInstance } from "../state/instance.ts";
import { SECRETS, type SecretName } from "../state/secrets.ts";
import { writeFileAtomic } from "../state/write-file-atomic.ts";
import type { Phase, Step } from "./phase.ts";

/** 0711: service users pass through to their own folders and see nothing else. */
export const STATE_MODES = { root: 0o711, secrets: 0o700, run: 0o711, logs: 0o711, data: 0o711 } as const;

const folders: Step = {
  id: "init/folders",
  title: "state folder",
  timeoutMs: 30_000,
  proves: ["HOST-06"],
  input: ({ paths }) => paths.root,
  async run({ paths }) {
    let changed = 0;
    for (const [name, mode] of Object.entries(STATE_MODES)) {
      const path = paths[name as keyof typeof STATE_MODES];
      const isNew = !existsSync(path);
      if (isNew) mkdirSync(path, { recursive: true });
      if (isNew || (statSync(path).mode & 0o777) !== mode) {
        chmodSync(path, mode);
        changed++;
      }
    }
    return { changed, detail: paths.root };
  },
};

const secrets: Step = {
  id: "init/secrets",
  title: "secrets",
  timeoutMs: 30_000,
  proves: ["SEC-01"],
  input: ({ config }) => [
    ...Object.keys(SECRETS),
    ...SECRET_SETTINGS.flatMap(({ key, secret }) => {
      const value = config[key];
      return value === undefined ? [] : [`${secret} ${fingerprint(secret, value)}`];
    }),
  ],
  async run({ secrets: store, config, paths }) {
    let changed = 0;
    for (const { key, fileKey, secret } of SECRET_SETTINGS) {
      const value = config[key];
      if (value !== undefined && config[fileKey] === join(paths.secrets, secret) && store.keep(secret, value))
        changed++;
    }
    for (const [name, { bytes }] of Object.entries(SECRETS)) if (store.ensure(name as SecretName, bytes)) changed++;
    return { changed, detail: `${counted(Object.keys(SECRETS).length, "secret")}, mode 0600` };
  },
};

const config: Step = {
  id: "init/config",
  title: "config",
  timeoutMs: 30_000,
  proves: ["CONF-01"],
  input: ({ explicit, driver }) => ({ explicit, driver: driver.id }),
  async run({ paths, explicit, driver, version, config }) {
    const text = recordedConfig(explicit);
    const current = existsSync(paths.config) ? readFileSync(paths.config, "utf8") : null;
    if (current !== text) writeFileAtomic(paths.config, text, 0o644);
    const facts = { driver: driver.id, cliVersion: version };
    const made = ensureInstance(
      paths.instance,
      config.databaseUrl === undefined ? facts : { ...facts, database: "elsewhere" },
    );
    return {
      changed: (current === text ? 0 : 1) + (made ? 1 : 0),
      detail: `${counted(Object.keys(explicit).length, "setting")} recorded`,
    };
  },
};

/** The exact text of config.json for these explicit settings; CONF-01 compares it with the file. */
export function recordedConfig(explicit: Stack["explicit"]): string {
  return `${JSON.stringify(Object.fromEntries(Object.entries(explicit).sort()), null, 2)}\n`;
}

export const init: Phase = {
  id: "init",
  title: "Make the state folder, the secrets and the record of settings",
  needs: [],
  steps: [folders, secrets, config],
};
