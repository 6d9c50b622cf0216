import { readFileSync } from "node:fs";

const FOLDER = new URL("../../../sql/", import.meta.url);

/** Text of `cli/sql/<name>.sql`. */
export function readSql(name: string): string {
  return readFileSync(new URL(`${name}.sql`, FOLDER), "utf8");
}
