/**
 * Directus's own tables. Its bootstrap makes them first and the administrator last, and afterwards believes that all
 * is done as soon as the tables exist; so the administrator's row is the proof, not the tables.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CliError } from "../../errors/cli-error.ts";
import { runCommand } from "../../host/run.ts";
import { directus, directusArgv, directusBootstrapEnvironment } from "../../services/directus.ts";
import { DATABASE_NAME } from "../../stack/connections.ts";
import { writeFileAtomic } from "../../state/write-file-atomic.ts";
import type { Progress } from "../driver.ts";
import { baseEnvironment } from "./build-launch.ts";
import { type DatabaseAccess, withClient } from "./database-roles.ts";
import { readSql } from "./read-sql.ts";
import { layOutFiles, removeFiles } from "./service-files.ts";
import type { StepInput } from "./service-steps.ts";

/** 8 to 10 s measured on an empty database. */
export const BOOTSTRAP_TIMEOUT_MS = 5 * 60_000;
/**
 * Names the runtime whose own migrations were last run, and the one where they ended: a board that was restored since may be of an earlier Directus.
 * It only spares the run, and proves nothing.
 */
const MARKER = "directus-runtime.installed";

/** What Directus says of an address it does not take, after it has made its tables. */
const REFUSED_ADDRESS = /Validation failed for field "email"/;

export interface DirectusInput {
  readonly access: DatabaseAccess;
  readonly adminEmail: string;
  /** Names the Directus that is installed: another one runs its own migrations. */
  readonly runtime: string;
  /** Folder of the marker. */
  readonly data: string;
  /** Runs `bootstrap` to its end as the service would run. */
  readonly bootstrap: (signal: AbortSignal) => Promise<void>;
}

type InstallState = "absent" | "half" | "installed" | "stranger";

interface InstallFacts {
  readonly has_tables: boolean;
  readonly has_users: boolean;
  readonly has_board: boolean;
}

/** Makes or updates Directus's tables and its administrator. True when the database was changed. */
export async function ensureDirectusInstalled(
  input: DirectusInput,
  progress: Progress,
  signal: AbortSignal,
): Promise<boolean> {
  const marker = join(input.data, MARKER);
  const before = await findSettledState(input);
  if (before === "installed" && existsSync(marker) && readFileSync(marker, "utf8") === (await markOf(input))) {
    return false;
  }
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
      message: `Directus was installed, but made no administrator for ${input.adminEmail}.`,
      hint: "Run `elk-os up` again: what was made is cleared away first.",
    });
  }
  writeFileAtomic(marker, await markOf(input), 0o644);
  return true;
}

/** What the marker says when nothing is to be done. The tables must be there. */
function markOf({ access, runtime }: DirectusInput): Promise<string> {
  return withClient(access, "postgres", DATABASE_NAME, async (client) => {
    const { rows } = await client.query<{ newest: string | null }>(readSql("directus.newest-migration"));
    return `${runtime} ${rows[0]?.newest ?? ""}\n`;
  });
}

async function bootstrap(input: DirectusInput, signal: AbortSignal): Promise<void> {
  try {
    await input.bootstrap(signal);
  } catch (error) {
    if (!(error instanceof CliError) || !REFUSED_ADDRESS.test(error.message)) throw error;
    throw new CliError("SERVICE_FAILED", {
      message: `Directus refuses ${input.adminEmail} as the administrator's address.`,
      hint: "It takes only addresses whose top-level domain exists: set ELK_OS_ADMIN_EMAIL and run `elk-os up` again.",
      cause: error,
    });
  }
}

/** Bootstrap as a process of this machine, with the administrator's files laid out only while it runs. */
export async function bootstrapProcess({ context, secrets, owner }: StepInput, signal: AbortSignal): Promise<void> {
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
  } finally {
    removeFiles(directus.installFiles, context);
  }
}

/** Looks again where Directus is not whole and so cannot run: a bootstrap that was killed may still have a statement in hand. */
async function findSettledState(input: DirectusInput): Promise<InstallState> {
  const state = await findState(input);
  if (state !== "absent" && state !== "half") return state;
  await withClient(input.access, "postgres", DATABASE_NAME, (client) => client.query(readSql("directus.end-sessions")));
  return findState(input);
}

function findState({ access }: DirectusInput): Promise<InstallState> {
  return withClient(access, "postgres", DATABASE_NAME, async (client) => {
    const { rows } = await client.query<InstallFacts>(readSql("directus.install-state"));
    if (rows[0]?.has_tables !== true) return "absent";
    const { has_users, has_board } = rows[0];
    const token = access.secrets.read("directus_admin_token").reveal();
    const admin = has_users
      ? await client.query<{ present: boolean }>(readSql("directus.admin-by-token"), [token])
      : { rows: [] };
    if (admin.rows[0]?.present === true) return "installed";
    return has_board ? "stranger" : "half";
  });
}

function dropHalfInstall({ access }: DirectusInput): Promise<void> {
  return withClient(access, "postgres", DATABASE_NAME, async (client) => {
    await client.query(readSql("transaction.begin"));
    await client.query(readSql("directus.drop-half-install"));
    await client.query(readSql("role.grants"));
    await client.query(readSql("transaction.commit"));
  });
}
