import { join } from "node:path";
import { scramVerifier } from "@muster/board/scram";
import { getService } from "../../services/index.ts";
import { POSTGRES_CONF, POSTGRES_DATA } from "../../services/postgres.ts";
import type { Progress } from "../driver.ts";
import { readSql } from "../embedded/read-sql.ts";
import type { DriverFoundation } from "../index.ts";
import { containerContext } from "./container-layout.ts";
import { docker } from "./docker.ts";
import { projectOf } from "./project.ts";
import { startContainer } from "./start-container.ts";

/** A fast shutdown writes a checkpoint first (compose.yaml gives it a minute). */
const STOP_MS = 90_000;
const STATEMENT_MS = 60_000;

/** `Driver.resetSuperuser` on the volume: a second container of the same service, for one statement. */
export async function resetSuperuser(
  foundation: DriverFoundation,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const project = projectOf(foundation);
  const { places } = containerContext(foundation, getService("postgres"), project.inner);
  const verifier = scramVerifier(foundation.secrets.read("postgres_superuser_password").reveal());
  const server = ["postgres", "--single", "-D", join(places.data, POSTGRES_DATA)];
  const settings = ["-c", `config_file=${join(places.files, POSTGRES_CONF)}`];
  progress("stopping Postgres to set the superuser's password");
  await docker([...project.argv, "stop", "postgres"], {
    purpose: "Postgres could not be stopped",
    timeoutMs: STOP_MS,
    signal,
  });
  try {
    await docker(
      [...project.argv, "run", "--rm", "--no-TTY", "--no-deps", "postgres", ...server, ...settings, "postgres"],
      {
        purpose: "Postgres could not be started in single-user mode",
        timeoutMs: STATEMENT_MS,
        input: readSql("superuser.reset").replace(":verifier", verifier),
        redact: [verifier],
        signal,
      },
    );
  } finally {
    await startContainer(foundation, "postgres", progress, signal);
  }
}
