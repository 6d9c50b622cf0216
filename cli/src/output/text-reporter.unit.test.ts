import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fixtureResult } from "../../../test/support/fixture-check.ts";
import { recordingStreams } from "../../../test/support/recording-streams.ts";
import { CliError } from "../errors/cli-error.ts";
import { ASCII, UNICODE } from "./glyphs.ts";
import type { Reporter } from "./reporter.ts";
import { textReporter } from "./text-reporter.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const ERASE_LINE = "\r\u001b[2K";

/** What stands on the terminal in the end: of each line, what was written after it was last erased. */
function shown(err: string): readonly string[] {
  return err.split("\n").map((line) => line.split(ERASE_LINE).at(-1) ?? "");
}

function runTwoSteps(reporter: Reporter): void {
  reporter.headline("Muster 0.1.0  generic");
  reporter.stepStarted("init", "secrets");
  reporter.stepEnded("init", "secrets", { id: "init/secrets", status: "skipped", changed: 0, ms: 12 }, "9 secrets");
  reporter.stepStarted("up", "postgres");
  reporter.stepProgress("up", "postgres", "initdb");
  vi.advanceTimersByTime(250);
  reporter.stepEnded("up", "postgres", { id: "up/postgres", status: "done", changed: 1, ms: 1_900 }, "127.0.0.1:54329");
  reporter.stepStarted("up", "rag");
  reporter.stepEnded("up", "rag", { id: "up/rag", status: "adopted", changed: 0, ms: 70 }, "127.0.0.1:9100");
}

describe("a view that changes", () => {
  const frames = [
    { screen: ["Board", "", "#1 in_progress"], news: ["#1 claimed"] },
    { screen: ["Board", "", "nobody"], news: [] },
  ];

  test("is drawn anew in place on a terminal: no line of the frame before stays, and the news are part of the view", () => {
    const { streams, out, err } = recordingStreams();
    const reporter = textReporter({ streams, glyphs: UNICODE, live: false, screenLive: true, verbose: false });
    for (const frame of frames) reporter.frame(frame);
    const [before, ...drawn] = out().split("\u001b[H");
    expect(before).toBe("");
    expect(drawn).toEqual([
      "Board\u001b[K\n\u001b[K\n#1 in_progress\u001b[K\n\u001b[J",
      "Board\u001b[K\n\u001b[K\nnobody\u001b[K\n\u001b[J",
    ]);
    expect(err()).toBe("");
  });

  test("elsewhere tells the news alone, one plain line each", () => {
    const { streams, out } = recordingStreams();
    const reporter = textReporter({ streams, glyphs: UNICODE, live: true, verbose: false });
    for (const frame of frames) reporter.frame(frame);
    expect(out()).toBe("#1 claimed\n");
  });
});

describe("without a terminal", () => {
  test("writes one plain line when a step ends, the phase once, the time at the right", () => {
    const { streams, out, err } = recordingStreams();
    runTwoSteps(textReporter({ streams, glyphs: UNICODE, live: false, verbose: false }));
    const lines = err().split("\n");
    expect(lines[0]).toBe("Muster 0.1.0  generic");
    expect(lines[2]).toMatch(/^init {6}– secrets {14}9 secrets +0\.0 s$/);
    expect(lines[3]).toMatch(/^up {8}✓ postgres {13}127\.0\.0\.1:54329 +1\.9 s$/);
    expect(lines[4]).toMatch(/^ {10}✓ rag {18}adopted: 127\.0\.0\.1:9100 +0\.1 s$/);
    expect(new Set(lines.slice(2, 5).map((line) => line.length)).size).toBe(1);
    expect(err()).not.toContain("\r");
    expect(out()).toBe("");
  });

  test("starts no timer", () => {
    const { streams } = recordingStreams();
    textReporter({ streams, glyphs: UNICODE, live: false, verbose: false }).stepStarted("up", "rag");
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("on a terminal", () => {
  test("redraws the running step in place and leaves the same lines as without one", () => {
    const { streams, err } = recordingStreams(100);
    runTwoSteps(textReporter({ streams, glyphs: UNICODE, live: true, verbose: false }));
    const plain = recordingStreams(100);
    runTwoSteps(textReporter({ streams: plain.streams, glyphs: UNICODE, live: false, verbose: false }));
    expect(shown(err())).toEqual(plain.err().split("\n"));
    expect(err()).toMatch(/⠹ postgres +initdb +0\.1 s/);
  });

  test("says beside the time how long a working step took the last time, and not once it has ended", () => {
    const { streams, err } = recordingStreams(100);
    const reporter = textReporter({ streams, glyphs: UNICODE, live: true, verbose: false });
    reporter.stepStarted("up", "directus");
    reporter.stepWorking("up", "directus", { ms: 110_000, from: "last" });
    reporter.stepProgress("up", "directus", "installing packages");
    vi.advanceTimersByTime(200);
    const last = shown(err()).at(-1) ?? "";
    expect(last).toMatch(/directus +installing packages +0\.2 s \(about 1 m 50 s, last time\)$/);
    expect(last.length).toBeLessThanOrEqual(100);
    reporter.stepEnded("up", "directus", { id: "up/directus", status: "done", changed: 1, ms: 200 }, "8055");
    expect(shown(err()).at(-2)).not.toContain("about");
  });

  test("leaves the estimate out where the terminal is too narrow for both", () => {
    const { streams, err } = recordingStreams(60);
    const reporter = textReporter({ streams, glyphs: UNICODE, live: true, verbose: false });
    reporter.stepStarted("up", "directus");
    reporter.stepWorking("up", "directus", { ms: 110_000, from: "last" });
    vi.advanceTimersByTime(100);
    expect(shown(err()).at(-1)).not.toContain("about");
    expect(shown(err()).at(-1)?.length).toBeLessThanOrEqual(60);
    reporter.stepEnded("up", "directus", { id: "up/directus", status: "done", changed: 1, ms: 1 }, "8055");
  });

  test("leaves no timer behind once a step has ended, failed, or the run has broken off", () => {
    const { streams } = recordingStreams(100);
    const reporter = textReporter({ streams, glyphs: UNICODE, live: true, verbose: false });
    const error = new CliError("SERVICE_FAILED", { message: "It died.", hint: "Look." });
    reporter.stepStarted("up", "rag");
    reporter.stepFailed("up", "rag", error);
    expect(vi.getTimerCount()).toBe(0);
    reporter.stepStarted("up", "rag");
    reporter.error(error);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("cuts a long detail to the width of the terminal, in ASCII too", () => {
    const { streams, err } = recordingStreams(60);
    const reporter = textReporter({ streams, glyphs: ASCII, live: true, verbose: false });
    reporter.stepStarted("up", "directus");
    reporter.stepProgress("up", "directus", "installing ".repeat(20));
    vi.advanceTimersByTime(100);
    const last = shown(err()).at(-1) ?? "";
    expect(last.length).toBeLessThanOrEqual(60);
    expect(last).toContain("~");
    reporter.stepEnded("up", "directus", { id: "up/directus", status: "done", changed: 1, ms: 1 }, "8055");
  });
});

test("writes nothing but ASCII with the ASCII glyphs", () => {
  const { streams, out, err } = recordingStreams(80);
  const reporter = textReporter({ streams, glyphs: ASCII, live: true, verbose: true });
  runTwoSteps(reporter);
  for (const status of ["pass", "fail", "error", "warn", "info", "skip"] as const)
    reporter.finding(fixtureResult({ status }));
  reporter.note("note");
  reporter.result({ data: {}, lines: ["answer"], exit: 0 });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the terminal's own control characters are ASCII as well
  expect(`${out()}${err()}`).toMatch(/^[\x00-\x7f]*$/);
});

test("answers on stdout and says everything else on stderr", () => {
  const { streams, out, err } = recordingStreams();
  const reporter = textReporter({ streams, glyphs: UNICODE, live: false, verbose: false });
  reporter.note("fix  HOST-06");
  reporter.finding(fixtureResult());
  reporter.result({ data: { ok: true }, lines: ["39 green", "exit 0"], exit: 0 });
  expect(out()).toBe("✓ green   PG-01       18.4 in 3 ms\n39 green\nexit 0\n");
  expect(err()).toBe("fix  HOST-06\n");
});

test("names the failed step, then says what happened, what to do, and the code", () => {
  const { streams, err } = recordingStreams();
  const reporter = textReporter({ streams, glyphs: UNICODE, live: false, verbose: false });
  const error = new CliError("SERVICE_FAILED", {
    message: "rag ended with code 1.",
    hint: "Run elk-os logs rag.\nThen elk-os up.",
  });
  reporter.stepStarted("up", "rag");
  reporter.stepFailed("up", "rag", error);
  reporter.error(error);
  expect(err().split("\n")).toEqual([
    "up        ✗ rag                  a service did not start",
    "elk-os: rag ended with code 1.",
    "        Run elk-os logs rag.",
    "        Then elk-os up.",
    "        SERVICE_FAILED, exit 7",
    "",
  ]);
});

test.each([
  [true, true],
  [false, false],
])("with --verbose %s shows the stack of the cause: %s", (verbose, isShown) => {
  const { streams, err } = recordingStreams();
  const error = new CliError("INTERNAL", {
    message: "Bug.",
    hint: "Report it.",
    cause: new TypeError("x is undefined"),
  });
  textReporter({ streams, glyphs: UNICODE, live: false, verbose }).error(error);
  expect(err().includes("TypeError: x is undefined\n    at ")).toBe(isShown);
});
