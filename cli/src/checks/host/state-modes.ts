import { chmodSync, existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { STATE_MODES } from "../../phases/init.ts";
import type { StatePaths } from "../../state/paths.ts";
import { type Check, fail, pass } from "../check.ts";

const SECRET_MODE = 0o600;

interface Wanted {
  readonly path: string;
  readonly mode: number;
}

/** HOST-06. */
export const stateModes: Check = {
  id: "HOST-06",
  title: "State folders and secrets are closed to others and owned by who runs elk-os",
  severity: "error",
  dependsOn: [],
  timeoutMs: 2_000,
  async probe({ paths }) {
    const wanted = wantedModes(paths);
    const missing = wanted.find(({ path }) => !existsSync(path));
    if (missing !== undefined) return fail(`${missing.path} does not exist`);
    const uid = process.getuid?.();
    for (const { path, mode } of wanted) {
      const actual = statSync(path);
      const bits = actual.mode & 0o777;
      if (bits !== mode) return fail(`${path} has mode ${octal(bits)}`, { expected: octal(mode), actual: octal(bits) });
      if (actual.uid !== uid)
        return fail(`${path} belongs to uid ${actual.uid}`, { expected: `uid ${uid}`, actual: `uid ${actual.uid}` });
    }
    return pass(`${wanted.length} folders and secrets, secrets ${octal(SECRET_MODE)} in ${octal(STATE_MODES.secrets)}`);
  },
  fix: {
    summary: "chmod 600 the secret (doctor --fix does it); if others could read it, rotate it",
    async apply({ paths }) {
      for (const { path, mode } of wantedModes(paths)) if (existsSync(path)) chmodSync(path, mode);
    },
  },
};

function wantedModes(paths: StatePaths): readonly Wanted[] {
  const folders = Object.entries(STATE_MODES).map(([name, mode]) => ({
    path: paths[name as keyof typeof STATE_MODES],
    mode,
  }));
  const secrets = existsSync(paths.secrets)
    ? readdirSync(paths.secrets).map((name) => ({ path: join(paths.secrets, name), mode: SECRET_MODE }))
    : [];
  return [...folders, ...secrets];
}

function octal(mode: number): string {
  return `0${mode.toString(8)}`;
}
