import { describe, expect, it } from "vitest";
import { operationOf } from "./operation.ts";
import { TOOLS, VERBS } from "./registry.ts";
import type { Desk } from "./verb.ts";

const ACTOR = "6a8f6f1e-54a1-4c57-8b1f-0f5f3a7b2f10";

/** A desk that answers with what the law would have been asked. */
const desk: Desk = {
  actor: ACTOR,
  law: async (name, args) => ({ name, ...args }),
  readTasks: async () => [],
  change: async () => undefined,
  signal: new AbortController().signal,
};

function call(name: string, args: unknown) {
  const verb = VERBS.find((known) => known.name === name);
  if (verb === undefined) throw new Error(`no verb ${name}`);
  return verb.invoke(desk, args);
}

describe("arguments", () => {
  it("that a verb does not know are refused by name, with those that it takes", async () => {
    await expect(call("note", { task: "1", body: "x", actor: ACTOR })).rejects.toMatchObject({
      code: "MUSTER_VALUE_INVALID",
      message: 'note has no argument "actor". It takes task, body, kind, key.',
    });
  });

  it.each(["__proto__", "constructor", "toString"])("named %s are unknown too", async (name) => {
    const args: unknown = JSON.parse(`{"task":"1","body":"x","${name}":1}`);
    await expect(call("note", args)).rejects.toMatchObject({ code: "MUSTER_VALUE_INVALID" });
  });

  it("in the wrong type are taken for what they mean when there is no doubt", async () => {
    expect(await call("release", { task: 65, fence: "3", reason: "r" })).toMatchObject({ task: "65", fence: 3 });
    const acceptance = '["one","two"]';
    expect(await call("add", { project: "p", title: "t", acceptance, ready: "true" })).toMatchObject({
      task: {
        acceptance: [
          { id: "a1", text: "one" },
          { id: "a2", text: "two" },
        ],
        status: "ready",
      },
    });
    expect(await call("add", { project: "p", title: "t", acceptance: ["one"], checks: ["npm test"] })).toMatchObject({
      task: {
        acceptance: [
          { id: "a1", text: "one" },
          { id: "a2", text: "`npm test` ends with 0", check: "npm test" },
        ],
      },
    });
    expect(await call("note", { task: "1", body: "x", kind: null })).toMatchObject({ kind: "note" });
  });

  it.each([
    ["release", { task: "1", fence: "abc", reason: "r" }, "fence"],
    ["release", { task: "1", fence: 1.5, reason: "r" }, "fence"],
    ["release", { task: "1", fence: 2 ** 40, reason: "r" }, "fence"],
    ["note", { task: "1", body: "a\0b" }, "body"],
    ["note", { task: ["1"], body: "x" }, "task"],
    ["note", { task: "1" }, "body"],
    ["find", { status: "open" }, "status"],
    ["next", { session: "s", wait: 60 }, "wait"],
    ["verdict", { task: "1", fence: 1, verdict: "pass", evidence: "e", checks: ["npm test"] }, "checks"],
  ])("of %s that cannot be meant so are refused by the name of the field", async (verb, args, field) => {
    await expect(call(verb, args)).rejects.toMatchObject({
      code: "MUSTER_VALUE_INVALID",
      message: expect.stringContaining(field),
    });
  });

  it.each([null, [], "x", 1])("that are no object (%j) are refused", async (args) => {
    for (const verb of TOOLS) await expect(call(verb.name, args)).rejects.toMatchObject({ status: 422 });
  });

  it("of a check are its exit code, the hash of its log, and the command", async () => {
    const hash = "0".repeat(64);
    const checks = ["0 npm test", `1 sha256:${hash} make  all`];
    expect(await call("verdict", { task: "1", fence: 1, verdict: "fail", evidence: "e", checks })).toMatchObject({
      options: {
        checks: [
          { command: "npm test", exit_code: 0 },
          { command: "make  all", exit_code: 1, log_sha256: hash },
        ],
      },
    });
  });
});

describe("idempotency keys", () => {
  it("that are uuids stand for themselves, so that an outbox can replay them", () => {
    expect(operationOf(ACTOR, "6A8F6F1E-54A1-4C57-8B1F-0F5F3A7B2F10")).toBe(ACTOR);
  });

  it("that are any text belong to the one who sent them", () => {
    const mine = operationOf(ACTOR, "1");
    expect(mine).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(operationOf(ACTOR, "1")).toBe(mine);
    expect(operationOf("another", "1")).not.toBe(mine);
    expect(operationOf(ACTOR, undefined)).toBeNull();
  });
});
