import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import type { WithDatabase } from "../../backup/database.ts";
import { CliError } from "../../errors/cli-error.ts";
import { ensureDir, writeOwnedFile } from "../../host/files.ts";
import { runCommand } from "../../host/run.ts";
import { ensureSystemUser, isRoot } from "../../host/users.ts";
import { getService } from "../../services/index.ts";
import { initdbArgv } from "../../services/postgres.ts";
import { baseEnvironment } from "./build-launch.ts";
import { endLeftServer } from "./end-left-server.ts";
import type { Foundation } from "./foundation.ts";
import { layoutOf } from "./layout.ts";

/** A board of 100k tasks loads in well under a minute; starting takes two seconds. */
const TIMEOUT_MS = 120_000;
/** Begins the name of its folder in the state folder. */
export const SCRATCH_PREFIX = "scratch-";
/** sun_path of unix(7) less its end. */
const LONGEST_SOCKET_PATH = 107;

/**
 * A throw-away Postgres of the same binaries, for trying a backup: no network, a Unix socket in a folder of its own, 32 MB of buffers, and no
 * fsync, because nothing in it is kept. Stopped and removed when `work` ends, however it ends.
 */
export async function withScratchServer<T>(
  foundation: Foundation,
  signal: AbortSignal,
  work: (server: WithDatabase) => Promise<T>,
): Promise<T> {
  const context = layoutOf(foundation).contextOf(getService("postgres"));
  const owner = isRoot() ? await ensureSystemUser(foundation.config.serviceUser, signal) : null;
  // Not below TMPDIR: that may be closed to the user that Postgres runs as.
  const { root } = foundation.paths;
  for (const name of readdirSync(root).filter((entry) => entry.startsWith(SCRATCH_PREFIX))) {
    await endLeftServer(join(root, name));
    rmSync(join(root, name), { recursive: true, force: true });
  }
  const folder = mkdtempSync(join(root, SCRATCH_PREFIX));
  const data = join(folder, "data");
  const password = join(folder, "password");
  const bin = join(context.staged("postgres"), "bin");
  const options = {
    timeoutMs: TIMEOUT_MS,
    cwd: folder,
    environment: { ...baseEnvironment(context), HOME: folder, TMPDIR: folder },
    cleanEnvironment: true,
    runAs: owner,
    signal,
  } as const;
  const secret = foundation.secrets.read("postgres_superuser_password").reveal();
  const pgCtl = (...args: readonly string[]) =>
    runCommand([join(bin, "pg_ctl"), "-D", data, "-w", ...args], {
      ...options,
      // Stopping must happen although the run was interrupted.
      signal: AbortSignal.timeout(TIMEOUT_MS),
      purpose: "The scratch Postgres did not obey",
    });
  try {
    assertSocketFits(folder);
    ensureDir(folder, { mode: 0o700, owner });
    ensureDir(data, { mode: 0o700, owner });
    writeOwnedFile(password, secret, { mode: 0o600, owner });
    await runCommand(initdbArgv(bin, data, password), {
      ...options,
      purpose: "initdb could not make the scratch cluster",
    });
    const settings = `-c listen_addresses='' -c unix_socket_directories='${folder}' -c shared_buffers=32MB -c fsync=off -c full_page_writes=off`;
    await pgCtl("start", "-l", join(folder, "server.log"), "-o", settings);
    try {
      return await work(connectScratch(folder, secret));
    } finally {
      await pgCtl("stop", "-m", "immediate");
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The superuser's way in, by the socket in that folder. */
export function connectScratch(sockets: string, password: string): WithDatabase {
  return async (database, work) => {
    const client = new pg.Client({ host: sockets, database, user: "postgres", password });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
}

/** @throws CliError PREFLIGHT_FAILED */
export function assertSocketFits(folder: string): void {
  if (join(folder, ".s.PGSQL.5432").length <= LONGEST_SOCKET_PATH) return;
  throw new CliError("PREFLIGHT_FAILED", {
    message: `The state folder's path is too long for a Unix socket: ${folder}.`,
    hint: "Move the instance to a shorter path, or use --no-verify and verify elsewhere.",
  });
}
