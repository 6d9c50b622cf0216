/** Every order of the steps of every spec in this folder, on a real Postgres with real waits. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LawFixture, makeLawFixture, STEWARD } from "../../../test/support/law-fixture.ts";
import { startPostgres, type TestPostgres } from "../../../test/support/postgres.ts";
import { checkHistory } from "../../src/history/check-history.ts";
import { collectHistory } from "../../src/history/collect-history.ts";
import { permutationsOf, readSpec, type Spec } from "./read-spec.ts";
import { runPermutation } from "./run-permutation.ts";

const SPECS = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith(".spec"))
  .map((name) => ({ name, spec: readSpec(readFileSync(join(import.meta.dirname, name), "utf8")) }));
const HISTORY = {
  projects: [{ key: "seeded", name: "Seeded" }],
  tasks: [
    {
      number: 900_000,
      project: "seeded",
      title: "Seeded",
      status: "ready",
      acceptance: [{ id: "a1", text: "Done." }],
      created_at: "-6h",
    },
  ],
};

let postgres: TestPostgres;
let law: LawFixture;
beforeAll(async () => {
  postgres = await startPostgres();
  law = await makeLawFixture(postgres);
});
afterAll(() => postgres.stop());

async function fresh(spec: Spec) {
  const tasks = [await law.addTask(), await law.addTask(), await law.addTask()].map(({ id }) => String(id));
  const [t, u, v] = tasks;
  const names = { ...law.agents, t, u, v, steward: STEWARD, history: JSON.stringify(HISTORY) };
  const fill = (sql: string) =>
    sql.replace(/(?<!:):([a-z][a-z0-9]*)/g, (whole, name) => {
      const value: unknown = Reflect.get(names, name);
      return typeof value === "string" ? `${pg.escapeLiteral(value)}${name === "history" ? "::jsonb" : ""}` : whole;
    });
  for (const sql of spec.setup) await law.admin.query(fill(sql));
  return { tasks, fill };
}

describe.each(SPECS)("$name: $spec.title", ({ spec }) => {
  const clients = new Map<string, pg.Client>();
  beforeAll(async () => {
    for (const [session, role] of spec.sessions) clients.set(session, await law.database.connect(role));
  });
  afterAll(async () => {
    for (const client of clients.values()) await client.end();
  });

  const orders = permutationsOf(spec.steps).map((order) => ({ order, name: order.map((step) => step.name).join(" ") }));
  test.each(orders)("$name", async ({ order }) => {
    const { tasks, fill } = await fresh(spec);
    const { results, waited } = await runPermutation(order, clients, law.admin, fill);
    const refusals = [...results.values()].filter((result) => result !== "accepted");
    expect(refusals.filter((code) => !spec.codes.includes(code))).toEqual([]);
    for (const { least, most, steps } of spec.wins) {
      const won = steps.filter((name) => results.get(name) === "accepted").length;
      expect(won, `of ${steps.join(", ")}`).toBeGreaterThanOrEqual(least);
      expect(won, `of ${steps.join(", ")}`).toBeLessThanOrEqual(most);
    }
    if (!spec.mayWait) expect(waited).toEqual([]);
    for (const sql of spec.last) await law.admin.query(fill(sql));
    const broken: string[] = [];
    for (const sql of spec.never) if ((await law.rows(fill(sql))).length > 0) broken.push(sql);
    expect(broken).toEqual([]);
    const board = await collectHistory(law.admin, tasks);
    expect(checkHistory({ calls: [], board, tickMs: null, clocks: null, incarnations: [], outages: [] })).toEqual([]);
    await law.admin.query(
      "select muster.cancel($1, t.id::text, 'Over.') from os_tasks t where t.id = any ($2::uuid[]) and t.status not in ('done', 'cancelled')",
      [STEWARD, tasks],
    );
  });
});
