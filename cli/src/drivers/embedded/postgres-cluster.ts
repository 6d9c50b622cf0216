/**
 * The data folder of Postgres. It is made under a temporary name and renamed, so a folder under its real name was
 * made to the end; an interrupted initdb leaves only something to clear away.
 */
import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensureDir } from "../../host/files.ts";
import { type Identity, runCommand } from "../../host/run.ts";
import { initdbArgv, POSTGRES_DATA, postgres, SUPERUSER_PASSWORD } from "../../services/postgres.ts";
import type { ServiceContext } from "../../services/service-def.ts";
import type { SecretStore } from "../../state/secrets.ts";
import type { Progress } from "../driver.ts";
import { baseEnvironment } from "./build-launch.ts";
import { layOutFiles, removeFiles } from "./service-files.ts";

const TEMPORARY = `${POSTGRES_DATA}.init-`;
/** 1.4 s measured; a slow disk syncs 40 MB in well under two minutes. */
const INITDB_TIMEOUT_MS = 120_000;

export interface ClusterInput {
  readonly context: ServiceContext;
  readonly secrets: SecretStore;
  readonly owner: Identity | null;
}

export function hasCluster(context: ServiceContext): boolean {
  return existsSync(join(context.places.data, POSTGRES_DATA, "PG_VERSION"));
}

/** True when the cluster was made. The caller holds the state folder's lock, so nobody else runs initdb there. */
export async function ensureCluster(input: ClusterInput, progress: Progress, signal: AbortSignal): Promise<boolean> {
  const { context, secrets, owner } = input;
  const { data, files } = context.places;
  for (const name of readdirSync(data)) {
    if (name.startsWith(TEMPORARY)) rmSync(join(data, name), { recursive: true, force: true });
  }
  if (hasCluster(context)) return false;

  progress("making the database cluster");
  const temporary = join(data, `${TEMPORARY}${process.pid}`);
  layOutFiles({ service: postgres, files: postgres.installFiles, context, secrets, owner });
  ensureDir(temporary, { mode: 0o700, owner });
  try {
    await runCommand(initdbArgv(join(context.staged("postgres"), "bin"), temporary, join(files, SUPERUSER_PASSWORD)), {
      purpose: "initdb could not make the database cluster",
      timeoutMs: INITDB_TIMEOUT_MS,
      cwd: context.places.scratch,
      environment: baseEnvironment(context),
      cleanEnvironment: true,
      runAs: owner,
      signal,
    });
    renameSync(temporary, join(data, POSTGRES_DATA));
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  } finally {
    removeFiles(postgres.installFiles, context);
  }
  return true;
}
