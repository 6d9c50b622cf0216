import { join } from "node:path";
import type { Stack } from "../../stack/stack.ts";
import type { SupervisorPlace } from "./supervisor/supervisor-client.ts";

/** What the embedded driver is built from. */
export type Foundation = Omit<Stack, "driver">;

export function supervisorPlace({ config, paths }: Foundation): SupervisorPlace {
  return { runDir: paths.run, logsDir: paths.logs, compileCache: join(config.cacheDir, "compile-cache") };
}
