import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { sharedStack } from "../support/shared-stack.ts";
import type { Stack } from "../support/stack.ts";

let stack: Stack;

beforeAll(async () => {
  ({ stack } = await sharedStack());
});

const AGENT = ["--agent", "a01"];
const board = async (...args: string[]) => {
  const { exit, json } = await stack.run(["board", ...args, "--json"]);
  return { exit, json };
};
const number = (json: unknown) => String(z.looseObject({ number: z.int() }).parse(json).number);

/** Adds a ready task as the operator, and claims it as a01. */
async function claimed(title: string): Promise<string> {
  const added = await board("add", project, title, "--acceptance", "It holds.", "--ready");
  const task = number(added.json);
  expect(await board("claim", task, ...AGENT, "--session", title)).toMatchObject({ exit: 0, json: { fence: 1 } });
  return task;
}

let project = "";

describe("a board that is lost for a while", () => {
  it("keeps what agents did meanwhile, with exit 8, and takes it exactly once when it is back", async () => {
    const found = await board("find", "--limit", "1");
    project =
      z.looseObject({ tasks: z.array(z.looseObject({ project: z.string() })).min(1) }).parse(found.json).tasks[0]
        ?.project ?? "";
    const submitted = await claimed("Lost and submitted");
    const late = await claimed("Lost and late");
    expect((await stack.run(["down", "--json"])).exit).toBe(0);

    const offline = [
      ["note", submitted, "Written while the board was away.", "--kind", "finding", ...AGENT],
      ["submit", submitted, "--fence", "1", "--commit", "0ff1ine", ...AGENT],
      ["submit", late, "--fence", "1", "--commit", "1a7e000", ...AGENT],
    ];
    for (const args of offline) {
      expect(await board(...args)).toMatchObject({
        exit: 8,
        json: { error: { code: "BOARD_UNREACHABLE", facts: { kept: true } } },
      });
    }
    // No claim is kept: that one agent holds a task cannot be decided without the board.
    const claim = await board("next", ...AGENT);
    expect(claim.exit).toBe(8);
    expect(claim.json).not.toMatchObject({ error: { facts: { kept: true } } });
    expect((await board("replay", ...AGENT)).exit).toBe(8);
    const outbox = join(stack.stateDir, "outbox", "a01.ndjson");
    expect(existsSync(outbox)).toBe(true);
    expect(readFileSync(outbox, "utf8").trim().split("\n")).toHaveLength(3);

    expect((await stack.run(["up", "--only", "up", "--json"])).exit).toBe(0);
    // While the agent was cut off, a steward took the second task away.
    const taken = await fetch(`${stack.urls.directus}/items/os_tasks?filter[number][_eq]=${late}&fields=id`, {
      headers: { Authorization: `Bearer ${stack.secret("directus_admin_token")}` },
    });
    const [{ id }] = z.object({ data: z.tuple([z.looseObject({ id: z.string() })]) }).parse(await taken.json()).data;
    const stolen = await fetch(`${stack.urls.directus}/items/os_tasks/${id}`, {
      method: "PATCH",
      headers: {
        Authorization: `Bearer ${stack.secret("directus_admin_token")}`,
        "Content-Type": "application/json",
      },
      body: JSON.stringify({ status: "ready" }),
    });
    expect(stolen.status).toBe(200);

    const replayed = await board("replay", ...AGENT);
    expect(replayed).toMatchObject({
      exit: 0,
      json: {
        replayed: [
          { verb: "note", result: "applied" },
          { verb: "submit", result: "applied" },
          { verb: "submit", result: "rejected", answer: { kept: expect.any(String) } },
        ],
        waiting: 0,
      },
    });
    expect((await board("replay", ...AGENT)).json).toMatchObject({ replayed: [], waiting: 0 });
    const shown = await board("show", submitted);
    expect(shown.json).toMatchObject({ task: { status: "in_review", submitted_commit: "0ff1ine" } });
    expect(JSON.stringify(shown.json).split("Written while the board was away.")).toHaveLength(2);
    const kept = await board("show", late);
    expect(kept.json).toMatchObject({ task: { status: "ready" } });
    expect(JSON.stringify(kept.json)).toContain("1a7e000");
    expect((await stack.run(["events", "verify", "--json"])).exit).toBe(0);
  });
});
