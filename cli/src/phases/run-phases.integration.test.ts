import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { fixtureCheck } from "../../../test/support/fixture-check.ts";
import { recordingReporter } from "../../../test/support/recording-reporter.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { type Check, fail, pass } from "../checks/check.ts";
import { CliError } from "../errors/cli-error.ts";
import { openJournal } from "../journal/journal.ts";
import { readJournal } from "../journal/read-journal.ts";
import { withLock } from "../state/lock.ts";
import type { Phase, Step } from "./phase.ts";
import { type RunPhasesOptions, runPhases } from "./run-phases.ts";

/** Each step makes one file that holds the input; its check sees whether the file is there. */
interface Place {
  readonly folder: string;
  readonly input: string;
  readonly worked: string[];
}

const madeBy = (folder: string, id: string) => join(folder, id.replace("/", "-"));

function makeFile(id: string, overrides: Partial<Step<Place>> = {}): Step<Place> {
  return {
    id,
    title: id.split("/")[1] ?? id,
    timeoutMs: 5_000,
    proves: [`CHECK-${id}`],
    input: ({ input }) => input,
    async run({ folder, input, worked }, progress) {
      worked.push(id);
      progress("writing");
      writeFileSync(madeBy(folder, id), input);
      return { changed: 1, detail: "1 file" };
    },
    ...overrides,
  };
}

function fileCheck(id: string): Check<Place> {
  return fixtureCheck<Place>({
    id: `CHECK-${id}`,
    probe: async ({ folder }) => (existsSync(madeBy(folder, id)) ? pass(`${id} is there`) : fail(`${id} is not there`)),
  });
}

const phase = (id: string, ...steps: readonly Step<Place>[]): Phase<Place> => ({ id, title: id, needs: [], steps });
const STEPS = ["one/a", "one/b", "two/c"];
const CHECKS = STEPS.map(fileCheck);

function phasesWith(overrides: Readonly<Record<string, Partial<Step<Place>>>> = {}): readonly Phase<Place>[] {
  const [a, b, c] = STEPS.map((id) => makeFile(id, overrides[id]));
  if (a === undefined || b === undefined || c === undefined) throw new Error("Three steps are needed.");
  return [phase("one", a, b), phase("two", c)];
}

/** A state folder and how to run phases on it with the real lock and journal. */
function openPlace() {
  const folder = temporaryFolder();
  const journalPath = join(folder, "journal.jsonl");
  return {
    folder,
    journalPath,
    async run(options: Partial<RunPhasesOptions<Place>> & { readonly input?: string } = {}) {
      const worked: string[] = [];
      const reporter = recordingReporter();
      const work = async () => {
        const journal = openJournal(journalPath);
        try {
          return await runPhases({
            phases: phasesWith(),
            checks: CHECKS,
            context: { folder, input: options.input ?? "input", worked },
            journal,
            events: reporter,
            signal: new AbortController().signal,
            cliVersion: "0.1.0",
            ...options,
          });
        } finally {
          journal.close();
        }
      };
      const outcome = await withLock({ path: join(folder, "lock"), command: "up" }, work).catch(
        (thrown: unknown) => thrown,
      );
      const reports = Array.isArray(outcome) ? outcome : [];
      return {
        worked,
        reporter,
        error: Array.isArray(outcome) ? null : outcome,
        phases: reports.map(({ id, status, changed }) => `${id} ${status} ${changed}`),
      };
    },
    /** "event step" of each record since `from`. */
    events: (from = 0) =>
      readJournal(journalPath)
        .records.slice(from)
        .map(({ event, step }) => `${event} ${step}`),
  };
}

const ALL_RAN = STEPS.flatMap((id) => [`intent ${id}`, `done ${id}`]);

test("runs every step in order, journals intent and end, and says so", async () => {
  const place = openPlace();
  const { phases, worked, reporter, error } = await place.run();
  expect(error).toBeNull();
  expect(worked).toEqual(STEPS);
  expect(phases).toEqual(["one done 2", "two done 1"]);
  expect(place.events()).toEqual(ALL_RAN);
  expect(reporter.events.slice(0, 3)).toEqual(["started one/a", "progress one/a writing", "done one/a 1 file"]);
});

test("changes nothing the second time, and shows the checks' evidence", async () => {
  const place = openPlace();
  await place.run();
  const { phases, worked, reporter } = await place.run();
  expect(worked).toEqual([]);
  expect(phases).toEqual(["one skipped 0", "two skipped 0"]);
  expect(place.events(6)).toEqual(STEPS.map((id) => `skip ${id}`));
  expect(reporter.events).toContain("skipped one/a one/a is there");
});

test("runs again what its inputs changed for, even when its checks cannot see the change", async () => {
  const place = openPlace();
  await place.run();
  expect((await place.run({ input: "changed" })).worked).toEqual(STEPS);
  expect(readFileSync(madeBy(place.folder, "two/c"), "utf8")).toBe("changed");
  expect((await place.run({ input: "changed" })).worked).toEqual([]);
});

test("runs again just what no longer holds, whatever the journal says", async () => {
  const place = openPlace();
  await place.run();
  rmSync(madeBy(place.folder, "one/b"));
  const { phases, worked } = await place.run();
  expect(worked).toEqual(["one/b"]);
  expect(phases).toEqual(["one done 1", "two skipped 0"]);
});

test("adopts everything when the journal was deleted from a healthy place", async () => {
  const place = openPlace();
  await place.run();
  rmSync(place.journalPath);
  const { phases, worked } = await place.run();
  expect(worked).toEqual([]);
  expect(phases).toEqual(["one done 0", "two done 0"]);
  expect(place.events()).toEqual(STEPS.map((id) => `adopt ${id}`));
  expect((await place.run()).phases).toEqual(["one skipped 0", "two skipped 0"]);
});

describe("a step that fails", () => {
  test("is journaled with its code, stops the run there, and is where the next run resumes", async () => {
    const place = openPlace();
    const broken = async () => {
      throw new CliError("SERVICE_FAILED", { message: "It died.", hint: "Look." });
    };
    const { error, reporter, worked } = await place.run({ phases: phasesWith({ "one/b": { run: broken } }) });
    expect(error).toMatchObject({ code: "SERVICE_FAILED", exit: 7 });
    expect(worked).toEqual(["one/a"]);
    expect(place.events()).toEqual(["intent one/a", "done one/a", "intent one/b", "fail one/b"]);
    expect(readJournal(place.journalPath).records.at(-1)?.error).toBe("SERVICE_FAILED: It died.");
    expect(reporter.events.at(-1)).toBe("failed one/b SERVICE_FAILED");

    const resumed = await place.run();
    expect(resumed.worked).toEqual(["one/b", "two/c"]);
    expect(place.events(4)).toEqual(["skip one/a", "intent one/b", "done one/b", "intent two/c", "done two/c"]);
  });

  test("by a bug is INTERNAL, and its cause is kept", async () => {
    const cause = new TypeError("x is undefined");
    const { error } = await openPlace().run({ phases: phasesWith({ "one/a": { run: () => Promise.reject(cause) } }) });
    expect(error).toMatchObject({ code: "INTERNAL", exit: 1, message: "x is undefined", cause });
  });

  test("by its wait is never marked done: checks that stay red are PHASE_FAILED, again and again", async () => {
    const place = openPlace();
    const pretends = phasesWith({ "one/b": { run: async () => ({ changed: 1, detail: "surely" }) } });
    for (const _round of [1, 2]) {
      const { error } = await place.run({ phases: pretends });
      expect(error).toMatchObject({
        code: "PHASE_FAILED",
        exit: 7,
        message: "one/b ran, but CHECK-one/b is not green: one/b is not there",
        hint: expect.stringContaining("mend it"),
        facts: { step: "one/b", check: "CHECK-one/b" },
      });
    }
    expect(place.events().filter((event) => event.endsWith("one/b"))).toEqual([
      "intent one/b",
      "fail one/b",
      "intent one/b",
      "fail one/b",
    ]);
    expect(place.events().some((event) => event.endsWith("two/c"))).toBe(false);
  });

  test("runs again even when somebody mended its result by hand", async () => {
    const place = openPlace();
    await place.run({ phases: phasesWith({ "one/a": { run: async () => ({ changed: 0, detail: "" }) } }) });
    writeFileSync(madeBy(place.folder, "one/a"), "by hand");
    expect((await place.run()).worked).toEqual(STEPS);
  });
});

describe("a step that runs past its time", () => {
  test("gets its signal aborted and ends with PHASE_TIMED_OUT, exit 8, journaled", async () => {
    const place = openPlace();
    const slow: Partial<Step<Place>> = {
      timeoutMs: 20,
      run: async (_place, _progress, signal) => {
        await delay(60_000, undefined, { signal });
        return { changed: 0, detail: "" };
      },
    };
    const { error } = await place.run({ phases: phasesWith({ "one/a": slow }) });
    expect(error).toMatchObject({ code: "PHASE_TIMED_OUT", exit: 8, message: "one/a did not finish within 0 s." });
    expect(place.events()).toEqual(["intent one/a", "fail one/a"]);
    expect((await place.run()).worked).toEqual(STEPS);
  });

  test("does not hang the run when it never heeds its signal", async () => {
    const place = openPlace();
    const deaf: Partial<Step<Place>> = { timeoutMs: 20, run: () => new Promise<never>(() => {}) };
    const { error } = await place.run({ phases: phasesWith({ "one/a": deaf }), unwindMs: 30 });
    expect(error).toMatchObject({ code: "PHASE_TIMED_OUT" });
    expect(place.events()).toEqual(["intent one/a", "fail one/a"]);
  });

  test("is given the time to unwind, and its own last words are kept as the cause", async () => {
    const cause = new Error("rolled back");
    const tidy: Partial<Step<Place>> = {
      timeoutMs: 20,
      run: async (_place, _progress, signal) => {
        await delay(60_000, undefined, { signal }).catch(() => delay(50));
        throw cause;
      },
    };
    const { error } = await openPlace().run({ phases: phasesWith({ "one/a": tidy }) });
    expect(error).toMatchObject({ code: "PHASE_TIMED_OUT", cause });
  });
});

describe("a run that is stopped", () => {
  test("in a step's work journals the step as stopped, not as a bug, and resumes there", async () => {
    const place = openPlace();
    const abort = new AbortController();
    const stopping: Partial<Step<Place>> = {
      run: async (_place, _progress, signal) => {
        abort.abort(new Error("stopped by SIGINT"));
        signal.throwIfAborted();
        return { changed: 0, detail: "" };
      },
    };
    const { error } = await place.run({ phases: phasesWith({ "one/b": stopping }), signal: abort.signal });
    expect(error).toMatchObject({ code: "PHASE_FAILED", message: "one/b was stopped before its end." });
    expect(place.events(2)).toEqual(["intent one/b", "fail one/b"]);
    expect((await place.run()).worked).toEqual(["one/b", "two/c"]);
  });

  test("before it starts writes nothing at all", async () => {
    const place = openPlace();
    const { error, worked } = await place.run({ signal: AbortSignal.abort(new Error("stopped by SIGTERM")) });
    expect(error).toMatchObject({ message: "stopped by SIGTERM" });
    expect([worked, place.events()]).toEqual([[], []]);
  });
});

test("a check that breaks proves nothing: its step runs, and is not marked done", async () => {
  const place = openPlace();
  await place.run();
  const broken = CHECKS.with(0, {
    ...fileCheck("one/a"),
    probe: () => Promise.reject(new Error("no such column")),
  });
  const { error, worked } = await place.run({ checks: broken });
  expect(worked).toEqual(["one/a"]);
  expect(error).toMatchObject({ code: "PHASE_FAILED", message: expect.stringContaining("no such column") });
});

test("believes no fact from before the work after it", async () => {
  const place = openPlace();
  const asked: string[] = [];
  await place.run({ refresh: async () => void asked.push(place.events().at(-1) ?? "start") });
  expect(asked.slice(0, 3)).toEqual(["start", "intent one/a", "done one/a"]);
});

test("says of a step that works how long it took the last time, and nothing of one that is proven", async () => {
  const place = openPlace();
  const journal = openJournal(place.journalPath);
  const entry = { run: "r", phase: "one", inputHash: "other", changed: 1, cli: "0.1.0", error: null };
  journal.append({ ...entry, step: "one/a", event: "done", durationMs: 61_000 });
  journal.close();
  const said: unknown[] = [];
  const events = { ...recordingReporter(), stepWorking: (...working: unknown[]) => void said.push(working) };
  await place.run({ events });
  expect(said).toEqual([
    ["one", "a", { ms: 61_000, from: "last" }],
    ["one", "b", null],
    ["two", "c", null],
  ]);
  await place.run({ events });
  expect(said).toHaveLength(3);
});
