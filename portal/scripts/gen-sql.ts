/**
 * Writes data/generated/sql.ts from sql/*.sql, because Next bundles modules, not text files.
 * `node scripts/gen-sql.ts` writes; `--check` writes nothing and exits 1 when the file is not what it would write.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

const SOURCES = new URL("../sql/", import.meta.url);
const TARGET = new URL("../data/generated/sql.ts", import.meta.url);

/** The text of the generated module. */
export function renderSqlModule(): string {
  const entries = readdirSync(SOURCES)
    .filter((file) => file.endsWith(".sql"))
    .sort()
    .map((file) => {
      const text = readFileSync(new URL(file, SOURCES), "utf8").trim();
      return `  ${JSON.stringify(file.slice(0, -".sql".length))}: ${JSON.stringify(text)},`;
    });
  return [
    "// Generated from portal/sql/*.sql by portal/scripts/gen-sql.ts. Do not edit.",
    "export const SQL = {",
    ...entries,
    "} as const;",
    "export type QueryName = keyof typeof SQL;",
    "",
  ].join("\n");
}

/** True when the generated module is up to date. */
export function isSqlModuleCurrent(): boolean {
  return existsSync(TARGET) && readFileSync(TARGET, "utf8") === renderSqlModule();
}

function main(): void {
  if (process.argv.includes("--check")) {
    if (isSqlModuleCurrent()) return;
    process.stderr.write("portal/data/generated/sql.ts is not current: run node portal/scripts/gen-sql.ts\n");
    process.exitCode = 1;
    return;
  }
  mkdirSync(new URL("./", TARGET), { recursive: true });
  writeFileSync(TARGET, renderSqlModule());
}

if (import.meta.main) main();
