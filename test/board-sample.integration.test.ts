/** The task by which doctor, `wire` and `agent add` see that a service reads our board is one that the portal's board shows. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { claim, withLaw } from "./support/law-fixture.ts";

const ROOT = resolve(import.meta.dirname, "..");
const sql = (folder: string, name: string) => readFileSync(join(ROOT, folder, "sql", `${name}.sql`), "utf8");
/** Of each column; one stands for any board that has more than a column shows. */
const SHOWN = 1;

const law = withLaw();

async function sample(): Promise<number | undefined> {
  const [found] = await law.rows(sql("cli", "task.sample"));
  return found?.["number"];
}

async function shown(name: string, values: unknown[]): Promise<readonly number[]> {
  const chosen = await law.rows(sql("portal", name), values);
  const rows = await law.rows("select number from os_tasks where id = any($1)", [chosen.map(({ id }) => id)]);
  return rows.map(({ number }) => number);
}

const open = () => shown("task.choose-open", [null, null, SHOWN]);

it("is none where there is no task", async () => {
  expect(await sample()).toBeUndefined();
});

it("stands first in its column, and is not the oldest of them", async () => {
  await law.addTask({ priority: "P3" });
  await law.addTask({ priority: "P0" });
  await law.addTask({ priority: "P1" });
  expect(await open()).toContain(await sample());
});

it("is found where all tasks are at work, or done", async () => {
  await law.submittedTask({ priority: "P3" });
  const task = await law.submittedTask({ priority: "P0" });
  expect(await open()).toContain(await sample());
  for (const { id } of await law.rows("select id from os_tasks order by number")) {
    await law.patch(law.agents.b1, String(id), claim("review"));
    await law.patch(law.agents.b1, String(id), { status: "done", fence: 2, evidence: "Ran it." });
  }
  expect(await sample()).toBe(task["number"]);
  expect(await shown("task.choose-done", [null, null, SHOWN])).toContain(await sample());
});
