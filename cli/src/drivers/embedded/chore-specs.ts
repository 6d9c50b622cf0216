import { homedir } from "node:os";
import { join } from "node:path";
import { environmentName } from "../../config/schema.ts";
import { choresOf } from "../../services/chores.ts";
import { type Foundation, supervisorPlace } from "./foundation.ts";
import type { ChoreSpec } from "./supervisor/chore-spec.ts";

/** Decide where settings are recorded, and so are no part of that record. */
const LOCATIONS = ["stateDir", "cacheDir", "instance"] as const;

/**
 * The chores of the settings, each as this checkout's own CLI on this instance. Where it is goes into the environment; how it is set
 * up is in the record that `init` made.
 */
export function choreSpecs(foundation: Foundation): readonly ChoreSpec[] {
  const { checkout, config, paths } = foundation;
  const environment = {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    HOME: homedir(),
    LANG: "C.UTF-8",
    TZ: "UTC",
    NODE_COMPILE_CACHE: supervisorPlace(foundation).compileCache,
    ELK_OS_ASCII: "1",
    ...Object.fromEntries(LOCATIONS.map((key) => [environmentName(key), config[key]])),
  };
  return choresOf(config).map(({ id, args, intervalMs, limitMs }) => ({
    id,
    argv: [process.execPath, join(checkout, "cli", "src", "main.ts"), ...args],
    cwd: "/",
    environment,
    settingsFile: paths.config,
    logFile: join(paths.logs, `${id}.log`),
    intervalMs,
    limitMs,
  }));
}
