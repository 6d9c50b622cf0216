/** The only reader of board's own .sql files. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";

export interface MigrationFile {
  /** Leading number of the file name. */
  readonly id: number;
  /** Rest of the file name: "create-tasks". */
  readonly name: string;
  readonly sql: string;
  /** Hex sha256 of the file's bytes. */
  readonly checksum: string;
  /** First line is `--! as superuser`; without it the file runs as muster_owner. */
  readonly asSuperuser: boolean;
}

const MIGRATIONS = new URL("../migrations/", import.meta.url);
const QUERIES = new URL("../sql/", import.meta.url);
const MANIFEST = new URL("../manifest.json", import.meta.url);
const FILE_NAME = /^(\d{4})-([a-z0-9-]+)\.sql$/;

/** Makes a migration of a file's name and text. Throws an Error when the name is not `NNNN-verb-noun.sql`. */
export function toMigrationFile(fileName: string, sql: string): MigrationFile {
  const [, digits, name] = FILE_NAME.exec(fileName) ?? [];
  if (digits === undefined || name === undefined) throw new Error(`${fileName} is not named NNNN-verb-noun.sql.`);
  return {
    id: Number(digits),
    name,
    sql,
    checksum: createHash("sha256").update(sql).digest("hex"),
    asSuperuser: /^--! as superuser$/m.test(sql.split("\n", 1)[0] ?? ""),
  };
}

/** Every migration of this version, ascending by id. */
export function loadMigrations(): readonly MigrationFile[] {
  return readdirSync(MIGRATIONS)
    .filter((fileName) => fileName.endsWith(".sql"))
    .sort()
    .map((fileName) => toMigrationFile(fileName, readFileSync(new URL(fileName, MIGRATIONS), "utf8")));
}

/** Text of board/sql/<name>.sql; its head comment says what each parameter is. */
export function loadQuery(name: string): string {
  return readFileSync(new URL(`${name}.sql`, QUERIES), "utf8");
}

/** Names of all run-time queries, for tests that prepare each of them. */
export function listQueries(): readonly string[] {
  return readdirSync(QUERIES)
    .filter((fileName) => fileName.endsWith(".sql"))
    .sort()
    .map((fileName) => fileName.slice(0, -".sql".length));
}

/** The committed catalog manifest, unparsed. */
export function readManifest(): unknown {
  return JSON.parse(readFileSync(MANIFEST, "utf8"));
}
