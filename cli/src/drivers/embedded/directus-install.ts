/**
 * Directus's own tables. Its bootstrap makes them first and the administrator last, and afterwards believes that all
 * is done as soon as the tables exist; so the administrator's row is the proof, not the tables.
 */
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { CliError } from "../../errors/cli-error.ts";
import { type Identity, runCommand } from "../../host/run.ts";
import { directus, directusArgv, directusBootstrapEnvironment } from "../../services/directus.ts";
import type { ServiceContext } from "../../services/service-def.ts";
import { DATABASE_NAME } from "../../stack/connections.ts";
import type { SecretStore } from "../../state/secrets.ts";
import { writeFileAtomic } from "../../state/write-file-atomic.ts";
import type { Progress } from "../driver.ts";
import { baseEnvironment } from "./build-launch.ts";
import { withClient } from "./database-roles.ts";
import { readSql } from "./read-sql.ts";
import { layOutFiles, removeFiles } from "./service-files.ts";

/** 8 to 10 s measured on an empty database. */
const BOOTSTRAP_TIMEOUT_MS = 5 * 60_000;
/** Names the runtime whose own migrations were last run; only spares the run, proves nothing. */
const MARKER = "directus-runtime.installed";

/** What Directus says of an address it does not take, after it has made its tables. */
const REFUSED_ADDRESS = /Validation failed for field "email"/;

export interface DirectusInput {
  readonly context: ServiceContext;
  readonly secrets: SecretStore;
  readonly owner: Identity | null;
}

type InstallState = "absent" | "half" | "installed" | "stranger";

/** Makes or updates Directus's tables and its administrator. True when the database was changed. */
export async function ensureDirectusInstalled(
  input: DirectusInput,
  progress: Progress,
  signal: AbortSignal,
): Promise<boolean> {
  const { context } = input;
  const runtime = basename(context.staged("directus-runtime"));
  const marker = join(context.places.data, MARKER);
  const before = await findState(input);
  if (before === "installed" && existsSync(marker) && readFileSync(marker, "utf8").trim() === runtime) return false;
  if (before === "stranger") {
    throw new CliError("SERVICE_FAILED", {
      message:
        "The database holds a board and a Directus without this instance's administrator token; nothing was dropped.",
      hint: "Restore secrets/directus_admin_token, or put the token of another administrator there.",
    });
  }
  if (before === "half") {
    progress("clearing away an interrupted Directus installation");
    await dropHalfInstall(input);
  }
  progress(before === "installed" ? "updating Directus's tables" : "making Directus's tables");
  await bootstrap(input, signal);
  if ((await findState(input)) !== "installed") {
    throw new CliError("SERVICE_FAILED", {
      message: `Directus was installed, but made no administrator for ${context.config.adminEmail}.`,
      hint: "Run `elk-os up` again: what was made is cleared away first.",
    });
  }
  writeFileAtomic(marker, `${runtime}\n`, 0o644);
  return true;
}

async function bootstrap({ context, secrets, owner }: DirectusInput, signal: AbortSignal): Promise<void> {
  layOutFiles({ service: directus, files: directus.installFiles, context, secrets, owner });
  try {
    await runCommand(directusArgv(context, "bootstrap"), {
      purpose: "Directus could not make its tables",
      timeoutMs: BOOTSTRAP_TIMEOUT_MS,
      cwd: directus.cwd(context),
      environment: { ...baseEnvironment(context), ...directusBootstrapEnvironment(context) },
      cleanEnvironment: true,
      runAs: owner,
      signal,
    });
  } catch (error) {
    if (!(error instanceof CliError) || !REFUSED_ADDRESS.test(error.message)) throw error;
    throw new CliError("SERVICE_FAILED", {
      message: `Directus refuses ${context.config.adminEmail} as the administrator's address.`,
      hint: "It takes only addresses whose top-level domain exists: set ELK_OS_ADMIN_EMAIL and run `elk-os up` again.",
      cause: error,
    });
  } finally {
    removeFiles(directus.installFiles, context);
  }
}

function findState({ context, secrets }: DirectusInput): Promise<InstallState> {
  const access = { port: context.config.postgresPort, secrets };
  return withClient(access, "postgres", DATABASE_NAME, async (client) => {
    const { rows } = await client.query<{ has_tables: boolean; has_board: boolean }>(readSql("directus.install-state"));
    if (rows[0]?.has_tables !== true) return "absent";
    const token = secrets.read("directus_admin_token").reveal();
    const admin = await client.query<{ present: boolean }>(readSql("directus.admin-by-token"), [token]);
    if (admin.rows[0]?.present === true) return "installed";
    return rows[0].has_board ? "stranger" : "half";
  });
}

function dropHalfInstall({ context, secrets }: DirectusInput): Promise<void> {
  const access = { port: context.config.postgresPort, secrets };
  return withClient(access, "postgres", DATABASE_NAME, async (client) => {
    await client.query("begin");
    await client.query(readSql("directus.drop-half-install"));
    await client.query(readSql("role.grants"));
    await client.query("commit");
  });
}
