/** Codes 0 to 4: what was asked for, what was asked in a way that nobody understands, and what a look at the board came to. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { errorOf, openPlace } from "../../../test/support/cli-place.ts";

describe("0", () => {
  test("init makes the state folder; the second run changes nothing and says so", async () => {
    const { run } = openPlace();
    expect(await run("init --json")).toMatchObject({ code: 0, stderr: "" });
    const second = await run("init --json");
    expect(JSON.parse(second.stdout)).toMatchObject({
      ok: true,
      driver: "embedded",
      changed: 0,
      phases: [{ id: "init", status: "skipped" }],
    });
    expect((await run("init")).stdout).toMatch(/^nothing to do: 1 phase proven in .* s, 0 changes\n$/);
  });

  test("down has nothing to stop where nothing was", async () => {
    const { run, stateDir } = openPlace();
    expect(await run("down --json")).toMatchObject({ code: 0, stdout: '{"ok":true,"changed":0}\n' });
    expect(existsSync(stateDir)).toBe(false);
  });
});

test("1: a bug is called one, and its stack is shown with --verbose", async () => {
  const { run } = openPlace();
  const ended = await run("migrate --json", { fixtures: { step: "bug" } });
  expect(ended.code).toBe(1);
  expect(errorOf(ended)).toMatchObject({ code: "INTERNAL", exit: 1, message: "x is undefined" });
  const verbose = await run("migrate --verbose", { fixtures: { step: "bug" } });
  expect(verbose.stderr).toContain("TypeError: x is undefined\n    at ");
});

describe("2", () => {
  test.each([
    ["bogus", "USAGE_INVALID"],
    ["up --frm", "USAGE_INVALID"],
    ["up --only up --to seed", "USAGE_INVALID"],
    ["logs --lines x", "USAGE_INVALID"],
    ["doctor --only WEATHER", "USAGE_INVALID"],
    ["up --profile No", "CONFIG_VALUE_INVALID"],
    ["status --driver compose", "USAGE_INVALID"],
    ["agent add A!", "AGENT_INVALID"],
    ["agent add a01", "AGENT_INVALID"],
  ])("elk-os %s: %s, and nothing is written", async (line, code) => {
    const { run, stateDir } = openPlace();
    const ended = await run(`${line} --json`);
    expect(ended).toMatchObject({ code: 2, stderr: "" });
    expect(errorOf(ended)).toMatchObject({ code, exit: 2 });
    expect(existsSync(stateDir)).toBe(false);
  });

  test.each([
    ["ELK_OS_RAG_PROT", "9100", "CONFIG_KEY_UNKNOWN"],
    ["ELK_OS_RAG_PORT", "99999", "CONFIG_VALUE_INVALID"],
  ])("%s=%s in the environment: %s", async (name, value, code) => {
    const ended = await openPlace().run("config --json", { environment: { [name]: value } });
    expect(ended.code).toBe(2);
    expect(errorOf(ended)).toMatchObject({ code, exit: 2, facts: { key: name, source: "environment" } });
  });

  test("a state folder of the other driver", async () => {
    const { run, stateDir } = openPlace();
    await run("init");
    const record = {
      instanceId: crypto.randomUUID(),
      driver: "compose",
      createdAt: new Date().toISOString(),
      cliVersion: "0.1.0",
    };
    writeFileSync(join(stateDir, "instance.json"), JSON.stringify(record));
    const ended = await run("status --json");
    expect(ended.code).toBe(2);
    expect(errorOf(ended)).toMatchObject({ code: "DRIVER_CHANGED" });
  });
});

describe("3", () => {
  test("a red board", async () => {
    const ended = await openPlace().run("doctor --only HOST-06 --json");
    expect(ended.code).toBe(3);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      schema: "muster.doctor/1",
      ok: false,
      summary: { fail: 1, firstCause: "HOST-06" },
      checks: [{ id: "HOST-06", status: "fail", severity: "error" }],
    });
  });

  test("a board on which no check ran: all of the other driver's", async () => {
    const { run } = openPlace();
    const ended = await run("doctor --only DOCK --json");
    expect(ended.code).toBe(3);
    const { ok, summary, checks } = JSON.parse(ended.stdout);
    expect({ ok, summary }).toMatchObject({ ok: false, summary: { pass: 0, fail: 0, firstCause: null } });
    expect(summary.skip).toBe(checks.length);
    expect(await run("doctor --only DOCK")).toMatchObject({ code: 3, stdout: expect.stringContaining("no check ran") });
  });

  test("a check that broke itself", async () => {
    const ended = await openPlace().run("doctor --only FIX-02 --json", { fixtures: { check: "breaks" } });
    expect(ended.code).toBe(3);
    expect(JSON.parse(ended.stdout)).toMatchObject({ checks: [{ id: "FIX-02", status: "error" }] });
  });
});

test("4: warnings, under --strict only", async () => {
  const { run } = openPlace();
  const fixtures = { check: "warns" };
  expect(await run("doctor --only FIX-02", { fixtures })).toMatchObject({ code: 0 });
  expect(await run("doctor --only FIX-02 --strict", { fixtures })).toMatchObject({ code: 4 });
});
