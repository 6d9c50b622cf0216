import { join } from "node:path";
import { scramVerifier } from "@muster/board/scram";
import { runCommand } from "../../host/run.ts";
import { ensureSystemUser, isRoot } from "../../host/users.ts";
import { getService } from "../../services/index.ts";
import { POSTGRES_CONF, POSTGRES_DATA } from "../../services/postgres.ts";
import type { Progress } from "../driver.ts";
import { baseEnvironment } from "./build-launch.ts";
import { type Foundation, supervisorPlace } from "./foundation.ts";
import { layoutOf } from "./layout.ts";
import { readSql } from "./read-sql.ts";
import { layOutFiles } from "./service-files.ts";
import { startService } from "./start-service.ts";
import { findSupervisor } from "./supervisor/supervisor-client.ts";

const TIMEOUT_MS = 60_000;

/** `Driver.resetSuperuser` on this machine: only who owns the data folder can do that. */
export async function resetSuperuser(foundation: Foundation, progress: Progress, signal: AbortSignal): Promise<void> {
  const { config, secrets } = foundation;
  const service = getService("postgres");
  const context = layoutOf(foundation).contextOf(service);
  const owner = isRoot() ? await ensureSystemUser(config.serviceUser, signal) : null;
  progress("stopping Postgres to set the superuser's password");
  await findSupervisor(supervisorPlace(foundation))?.ask({ op: "stop", service: "postgres" });
  layOutFiles({ service, files: service.files, context, secrets, owner });
  const verifier = scramVerifier(secrets.read("postgres_superuser_password").reveal());
  const argv = [
    join(context.staged("postgres"), "bin", "postgres"),
    "--single",
    "-D",
    join(context.places.data, POSTGRES_DATA),
    "-c",
    `config_file=${join(context.places.files, POSTGRES_CONF)}`,
    "postgres",
  ] as const;
  try {
    await runCommand([...argv], {
      purpose: "Postgres could not be started in single-user mode",
      timeoutMs: TIMEOUT_MS,
      cwd: context.places.scratch,
      environment: baseEnvironment(context),
      cleanEnvironment: true,
      runAs: owner,
      input: readSql("superuser.reset").replace(":verifier", verifier),
      redact: [verifier],
      signal,
    });
  } finally {
    await startService(foundation, "postgres", progress, signal);
  }
}
