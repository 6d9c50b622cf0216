import { describe, expect, test } from "vitest";
import { fixtureCheck } from "../../../test/support/fixture-check.ts";
import { type Check, fail, pass, skip } from "./check.ts";
import { runChecks } from "./run-checks.ts";

const never = new AbortController().signal;

async function statuses(
  registry: readonly Check<unknown>[],
  only?: readonly string[],
): Promise<Record<string, string>> {
  const results = await runChecks({ registry, context: null, signal: never, ...(only === undefined ? {} : { only }) });
  return Object.fromEntries(results.map((result) => [result.id, result.status]));
}

test("reports in registry order, each check once, whatever order was asked for", async () => {
  const registry = ["A-01", "B-01", "C-01"].map((id) => fixtureCheck({ id }));
  const seen: string[] = [];
  const results = await runChecks({
    registry,
    context: null,
    only: ["C-01", "A-01", "C-01"],
    signal: never,
    onResult: (result) => seen.push(result.id),
  });
  expect(results.map((result) => result.id)).toEqual(["A-01", "C-01"]);
  expect(seen).toEqual(["A-01", "C-01"]);
});

describe("a check that is aside", () => {
  test("is looked at beside those that follow, and reported in its place", async () => {
    const follower = Promise.withResolvers<void>();
    const registry = [
      fixtureCheck({
        id: "A-01",
        isAside: true,
        probe: async () => {
          await follower.promise;
          return pass("it waited for B-01");
        },
      }),
      fixtureCheck({
        id: "B-01",
        probe: async () => {
          follower.resolve();
          return pass("seen");
        },
      }),
      fixtureCheck({ id: "C-01" }),
    ];
    const results = await runChecks({ registry, context: null, signal: never });
    expect(results.map(({ id, status }) => `${id} ${status}`)).toEqual(["A-01 pass", "B-01 pass", "C-01 pass"]);
  });

  test("is waited for by what stands on it, and blocks it when it is red", async () => {
    const registry = [
      fixtureCheck({
        id: "A-01",
        isAside: true,
        probe: async () => {
          await new Promise((turn) => setImmediate(turn));
          return fail("gone");
        },
      }),
      fixtureCheck({ id: "B-01" }),
      fixtureCheck({ id: "C-01", dependsOn: ["A-01"] }),
    ];
    const results = await runChecks({ registry, context: null, signal: never });
    expect(results.map(({ evidence }) => evidence)).toEqual(["gone", expect.any(String), "blocked by A-01"]);
  });

  test("that breaks is an error like any other, and an abort ends the run with its reason", async () => {
    const broken = fixtureCheck({ id: "A-01", isAside: true, probe: () => Promise.reject(new Error("no")) });
    expect(await statuses([broken, fixtureCheck({ id: "B-01" })])).toEqual({ "A-01": "error", "B-01": "pass" });
    const abort = new AbortController();
    const endless = fixtureCheck({ id: "A-01", isAside: true, probe: () => new Promise(() => undefined) });
    const aborts = fixtureCheck({
      id: "B-01",
      probe: async () => {
        abort.abort(new Error("stopped by SIGINT"));
        return pass("seen");
      },
    });
    const run = runChecks({ registry: [endless, aborts], context: null, signal: abort.signal });
    await expect(run).rejects.toThrow("stopped by SIGINT");
  });
});

test("runs what a chosen check depends on, through every level, and nothing else", async () => {
  const registry = [
    fixtureCheck({ id: "A-01" }),
    fixtureCheck({ id: "B-01", dependsOn: ["A-01"] }),
    fixtureCheck({ id: "C-01", dependsOn: ["B-01"] }),
    fixtureCheck({ id: "D-01" }),
  ];
  expect(await statuses(registry, ["C-01"])).toEqual({ "A-01": "pass", "B-01": "pass", "C-01": "pass" });
});

test("skips what stands on a red check, without looking, and names the blocker", async () => {
  let looked = false;
  const registry = [
    fixtureCheck({ id: "A-01", probe: async () => fail("gone") }),
    fixtureCheck({
      id: "B-01",
      dependsOn: ["A-01"],
      probe: async () => {
        looked = true;
        return pass("seen");
      },
    }),
    fixtureCheck({ id: "C-01", dependsOn: ["B-01"] }),
  ];
  const results = await runChecks({ registry, context: null, signal: never });
  expect(results.map(({ id, status, evidence, fix }) => ({ id, status, evidence, fix }))).toEqual([
    { id: "A-01", status: "fail", evidence: "gone", fix: "mend it" },
    { id: "B-01", status: "skip", evidence: "blocked by A-01", fix: null },
    { id: "C-01", status: "skip", evidence: "blocked by B-01", fix: null },
  ]);
  expect(looked).toBe(false);
});

test("lets a known limit of severity info block nothing, and a warning or a skip block", async () => {
  const below = (id: string, on: string) => fixtureCheck({ id, dependsOn: [on] });
  const registry = [
    fixtureCheck({ id: "A-01", severity: "info", probe: async () => fail("a known limit") }),
    below("A-02", "A-01"),
    fixtureCheck({ id: "B-01", severity: "warning", probe: async () => fail("not nice") }),
    below("B-02", "B-01"),
    fixtureCheck({ id: "C-01", probe: async () => skip("not on this driver") }),
    below("C-02", "C-01"),
  ];
  expect(await statuses(registry)).toEqual({
    "A-01": "info",
    "A-02": "pass",
    "B-01": "warn",
    "B-02": "skip",
    "C-01": "skip",
    "C-02": "skip",
  });
});

test("blocks a check whose dependency is not in the registry", async () => {
  expect(await statuses([fixtureCheck({ id: "A-01", dependsOn: ["Z-99"] })])).toEqual({ "A-01": "skip" });
});

test("keeps evidence, verdict, expectation and fix of a red check", async () => {
  const registry = [
    fixtureCheck({
      id: "ID-03",
      probe: async () => fail("signed nothing", { verdict: "IMPOSTOR", expected: "a signature", actual: "none" }),
    }),
  ];
  const [result] = await runChecks({ registry, context: null, signal: never });
  expect(result).toMatchObject({
    status: "fail",
    verdict: "IMPOSTOR",
    expected: "a signature",
    actual: "none",
    fix: "mend it",
  });
});

describe("a check that breaks itself is red as an error, and the board goes on", () => {
  test.each([
    ["rejects", async () => Promise.reject(new Error("no such column"))],
    ["throws a string", async () => Promise.reject("no such column")],
    [
      "throws before its first await",
      () => {
        throw new Error("no such column");
      },
    ],
  ])("when it %s", async (_name, probe) => {
    const results = await runChecks({
      registry: [fixtureCheck({ id: "A-01", severity: "warning", probe }), fixtureCheck({ id: "B-01" })],
      context: null,
      signal: never,
    });
    expect(results[0]).toMatchObject({ status: "error", evidence: "the check itself broke: no such column" });
    expect(results[1]).toMatchObject({ status: "pass" });
  });

  test("when it does not answer in its time, and its signal is then aborted", async () => {
    let given: AbortSignal | null = null;
    const hangs = fixtureCheck({
      id: "A-01",
      timeoutMs: 5,
      probe: (_context, signal) => {
        given = signal;
        return new Promise<never>(() => {});
      },
    });
    const [result] = await runChecks({ registry: [hangs], context: null, signal: never });
    expect(result).toMatchObject({ status: "error", evidence: "the check itself broke: no answer within 5 ms" });
    expect(given).toMatchObject({ aborted: true });
  });
});

test("stops with the signal's reason when aborted, also in the middle of a check that does not heed it", async () => {
  const abort = new AbortController();
  const reason = new Error("stopped by SIGINT");
  const hangs = fixtureCheck({ id: "A-01", timeoutMs: 60_000, probe: () => new Promise<never>(() => {}) });
  const running = runChecks({ registry: [hangs], context: null, signal: abort.signal });
  abort.abort(reason);
  await expect(running).rejects.toBe(reason);
});

test("runs nothing at all when aborted before it starts", async () => {
  const registry = [fixtureCheck({ id: "A-01" })];
  await expect(runChecks({ registry, context: null, signal: AbortSignal.abort(new Error("over")) })).rejects.toThrow(
    "over",
  );
});
