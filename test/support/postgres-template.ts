/**
 * The data folder that every test's Postgres begins with: a cluster with the board's roles, a database with Directus's tables and a migrated one,
 * stopped. It is made once, kept in the cache beside the services' runtimes, and copied for each server: initdb and the migrations take ten times as long.
 */
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { runMigrations } from "../../board/src/migrate.ts";
import type { MigrationFile } from "../../board/src/sql-files.ts";
import { loadConfig } from "../../cli/src/config/load.ts";
import { type CacheEntry, ensureEntry, entryPath } from "../../cli/src/drivers/embedded/staging/cache-entry.ts";
import { digestOf, hashTree } from "../../cli/src/drivers/embedded/staging/tree-hash.ts";
import { runCommand } from "../../cli/src/host/run.ts";
import {
  layOutServer,
  PASSWORD,
  POSTGRES_PACKAGE,
  type PostgresServer,
  reachableNative,
  serverUser,
} from "./postgres-server.ts";

const CHECKOUT = resolve(import.meta.dirname, "..", "..");
/** What the content is made by, beside the migrations and the binaries. */
const MAKERS = [
  "board/sql",
  "board/src/migrate.ts",
  "board/src/sql-files.ts",
  "test/support/directus-stub.sql",
  "test/support/postgres-server.ts",
  "test/support/postgres-template.ts",
];
const INITDB_TIMEOUT_MS = 120_000;
const COPY_TIMEOUT_MS = 60_000;
/** The tester's language and time zone would become the cluster's, and are no part of the key. */
const PLAIN = { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };

export const TEMPLATES = { migrated: "muster_template", bare: "muster_template_bare" } as const;

/** By key: two servers of one process wait for one build. */
const builds = new Map<string, Promise<unknown>>();

/** Where the entry lies, built when it is not there. Safe beside other processes that do the same. */
export async function ensureKept(entry: CacheEntry): Promise<string> {
  const { cacheDir } = loadConfig().value;
  const { signal } = new AbortController();
  const build = builds.get(entry.key) ?? ensureEntry(cacheDir, entry, () => undefined, signal);
  builds.set(entry.key, build);
  await build;
  return entryPath(cacheDir, entry);
}

/** Makes `to`, a data folder for the server's user, migrated with these files. */
export async function copyTemplate(files: readonly MigrationFile[], to: string): Promise<void> {
  await copyClosed(join(await ensureKept(templateOf(files)), "data"), to);
}

/** Digest of what a cluster of these migrations is made of. */
export function templateKey(files: readonly MigrationFile[]): string {
  const manifest = readFileSync(join(POSTGRES_PACKAGE, "package.json"));
  return digestOf([manifest, JSON.stringify(files), hashTree(CHECKOUT, MAKERS)]);
}

function templateOf(files: readonly MigrationFile[]): CacheEntry {
  return {
    name: "test-postgres",
    key: templateKey(files),
    proof: ["data/PG_VERSION", "data/global/pg_control"],
    async build(folder) {
      // The server's user may reach nothing in the cache.
      const place = mkdtempSync(join(tmpdir(), "muster-postgres-template-"));
      try {
        await makeCluster(place, files);
        await copy(join(place, "data"), join(folder, "data"));
      } finally {
        rmSync(place, { recursive: true, force: true });
      }
    },
  };
}

/** Makes a cluster of `data` in an existing folder, with the templates in it. `native`: folder of the programs. Stopped at the end. */
export async function makeCluster(
  folder: string,
  files: readonly MigrationFile[],
  native = reachableNative(folder),
): Promise<void> {
  const [data, passwordFile] = [join(folder, "data"), join(folder, "password")];
  const user = serverUser();
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(passwordFile, PASSWORD);
  if (user !== null) for (const path of [folder, data, passwordFile]) chownSync(path, user.uid, user.gid);
  const initdb = ["-D", data, "-U", "postgres", `--pwfile=${passwordFile}`, "-A", "scram-sha-256", "-E", "UTF8"];
  initdb.push("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync");
  await runCommand([join(native, "bin", "initdb"), ...initdb], {
    purpose: "initdb could not make the cluster",
    timeoutMs: INITDB_TIMEOUT_MS,
    cwd: "/",
    environment: PLAIN,
    cleanEnvironment: true,
    runAs: user,
  });
  const server = await layOutServer({ folder, data, native, settings: ["fsync=off"] });
  try {
    await fill(server, files);
  } finally {
    await server.stop();
  }
}

async function fill(server: PostgresServer, files: readonly MigrationFile[]): Promise<void> {
  const admin = await server.start();
  await admin.query("create role muster_owner nologin");
  for (const role of ["muster_directus", "muster_portal", "muster_rag"]) {
    await admin.query(`create role ${role} login password '${PASSWORD}'`);
  }
  await admin.query(`create database ${TEMPLATES.bare}`);
  const bare = await server.connect(TEMPLATES.bare, "postgres");
  await bare.query(readFileSync(new URL("./directus-stub.sql", import.meta.url), "utf8"));
  await bare.end();
  await admin.query(`create database ${TEMPLATES.migrated} template ${TEMPLATES.bare}`);
  const template = await server.connect(TEMPLATES.migrated, "postgres");
  await runMigrations(template, { files, cliVersion: "test" });
  await template.end();
}

/** cp knows reflinks, and as root keeps the owner. */
export async function copy(from: string, to: string): Promise<void> {
  await runCommand(["cp", "-a", "--reflink=auto", from, to], {
    purpose: "The cluster could not be copied",
    timeoutMs: COPY_TIMEOUT_MS,
  });
}

/** A copy that only its owner may enter: the cache is readable for everybody, which neither Postgres nor a store of secrets takes. */
export async function copyClosed(from: string, to: string): Promise<void> {
  await copy(from, to);
  await runCommand(["chmod", "-R", "go-rwx", to], {
    purpose: "The copy could not be closed",
    timeoutMs: COPY_TIMEOUT_MS,
  });
}
