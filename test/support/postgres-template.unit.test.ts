import { expect, test } from "vitest";
import { loadMigrations, toMigrationFile } from "../../board/src/sql-files.ts";
import { templateKey } from "./postgres-template.ts";

test("a template is that of its migrations: one letter, one file less or another order is another one", () => {
  const files = loadMigrations();
  const edited = toMigrationFile("0001-say-so.sql", "select 1;");
  const keys = [files, files.slice(0, -1), files.toReversed(), [edited, ...files.slice(1)], []].map(templateKey);
  expect(new Set(keys).size).toBe(keys.length);
  expect(templateKey(loadMigrations())).toBe(keys[0]);
});
