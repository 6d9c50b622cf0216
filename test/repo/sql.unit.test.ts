/** Statements stand in files of their own, where they can be read, checked and explained. */
import { expect, it } from "vitest";
import { offenders, SHIPPED, type SourceFile, withoutComments } from "./source-files.ts";

/** The beginning of a string that is a statement: words that prose does not put together so. */
const STATEMENT = new RegExp(
  `["'\`]\\s*(${[
    String.raw`select\s+[\w*("$']`,
    String.raw`with\s+(recursive\s+)?\w+\s*(\([^)]*\)\s*)?as\s+(not\s+|materialized\s+)*\(`,
    String.raw`insert\s+into\s`,
    String.raw`update\s+(only\s+)?[\w."]+\s+((as\s+)?\w+\s+)?set\s`,
    String.raw`delete\s+from\s`,
    String.raw`merge\s+into\s`,
    String.raw`truncate\s+\S`,
    String.raw`(create|drop)\s+(or\s+replace\s+|unique\s+|temp(orary)?\s+|unlogged\s+|materialized\s+)*(table|role|user|database|schema|view|index|function|procedure|trigger|type|sequence|extension|policy|owned)\s`,
    String.raw`alter\s+\w+\s`,
    String.raw`(grant|revoke)\s[\w\s,]+\s(on|to|from)\s`,
    String.raw`(re)?set\s+(local|role|session|constraints|transaction)\b`,
    String.raw`(begin|commit|rollback|start)\s+(work|transaction|isolation|to\s+savepoint)\b`,
    String.raw`(call|perform)\s+[\w.]+\(`,
    String.raw`(refresh\s+materialized|comment\s+on|lock\s+table|vacuum\s|reindex\s|values\s*\()`,
  ].join("|")})`,
  "i",
);
/** Whatever is handed to a connection as a literal is SQL, be it a single word. */
const LITERAL_QUERY = /\.(query|raw)\s*(<[^()]*>)?\(\s*["'`]/;

function holdsSql({ text }: SourceFile): boolean {
  const code = withoutComments(text);
  return STATEMENT.test(code) || LITERAL_QUERY.test(code);
}

it("SQL stands in .sql files", () => {
  // The extension is one file and can read no other; its one call is put together from the names of the law's functions.
  expect(offenders(SHIPPED, holdsSql)).toEqual(["directus/extension/src/law.ts"]);
});

it.each([
  'await client.query("commit");',
  "await client.query<{ n: number }>(`\n  table os_tasks`);",
  "context.database.raw('vacuum')",
  'const text = "with recent as (select 1) select * from recent";',
  'const text = "update muster.leases set holder = null";',
  'const text = "drop table if exists os_tasks";',
  'const text = "truncate muster.queue";',
  'const text = "call muster.sweep()";',
  'const text = "set local role muster_owner";',
  'const text = "start transaction isolation level serializable";',
  'const text = `select "id" from os_tasks`;',
  'const text = "revoke all on os_tasks from public";',
])("finds the SQL in: %s", (text) => {
  expect(holdsSql({ path: "cli/src/example.ts", text })).toBe(true);
});

it.each([
  'client.query(readSql("transaction.commit"));',
  'const hint = "Drop it, or move it into a database of its own.";',
  'const hint = "Set ELK_OS_NODE to Node 24.7 or newer.";',
  'const guard = "With risk medium or high, the model family differs.";',
  'const flag = { flags: "--commit <sha>", to: "commit" };',
  '// "drop table os_tasks" would be refused',
])("leaves alone: %s", (text) => {
  expect(holdsSql({ path: "cli/src/example.ts", text })).toBe(false);
});
