import { expect, test } from "vitest";
import { labelOf } from "./migrate.ts";
import { loadMigrations } from "./sql-files.ts";

test("the migrations are numbered from one, without a gap and without a twin", () => {
  const migrations = loadMigrations();
  expect(migrations.map(labelOf)).toEqual(migrations.map((file, index) => labelOf({ id: index + 1, name: file.name })));
});
