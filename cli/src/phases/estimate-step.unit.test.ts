import { describe, expect, it } from "vitest";
import { GENESIS, type JournalRecord } from "../journal/record.ts";
import { estimateStep, sayAbout, sayEstimate } from "./estimate-step.ts";

function record(event: JournalRecord["event"], durationMs: number): JournalRecord {
  return {
    v: 1,
    seq: 1,
    at: "2026-11-22T19:05:12.000Z",
    run: "run",
    phase: "up",
    step: "up/directus",
    event,
    inputHash: "hash",
    changed: 0,
    durationMs,
    cli: "0.1.0",
    error: null,
    prev: GENESIS,
  };
}

describe("how long a step will take", () => {
  it("is what its last run took that ended well, whatever came before", () => {
    const history = [record("intent", 5), record("done", 400_000), record("intent", 5), record("done", 110_000)];
    expect(estimateStep("up/directus", history, "embedded")).toEqual({ ms: 110_000, from: "last" });
  });

  it("is not learned from a skip, an adoption, a failure or a run that never ended", () => {
    const history = [record("done", 110_000), record("skip", 200), record("fail", 9_000), record("adopt", 300)];
    expect(estimateStep("up/directus", [...history, record("intent", 5)], "embedded")?.ms).toBe(110_000);
    expect(estimateStep("seed/rows", [record("intent", 5), record("fail", 9_000)], "embedded")).toBeNull();
  });

  it("is the doctor's last look for the board", () => {
    expect(estimateStep("doctor/board", [record("verify", 4_100)], "embedded")).toEqual({ ms: 4_100, from: "last" });
  });

  it("is what was measured from zero for a first run of the embedded driver, and unknown for every other", () => {
    expect(estimateStep("up/directus", [], "embedded")).toEqual({ ms: 113_000, from: "measured" });
    expect(estimateStep("up/directus", [], "compose")).toBeNull();
    expect(estimateStep("up/rag", [], "embedded")).toBeNull();
  });

  it("is not worth a word below two seconds", () => {
    expect(estimateStep("up/postgres", [record("done", 1_999)], "embedded")).toBeNull();
    expect(estimateStep("up/directus", [record("done", 900)], "embedded")).toBeNull();
  });
});

describe("the words for it", () => {
  it.each([
    [2_400, "about 2 s"],
    [59_700, "about 1 m 00 s"],
    [110_400, "about 1 m 50 s"],
  ])("of %i ms are %s", (ms, text) => {
    expect(sayAbout(ms)).toBe(text);
  });

  it("say how it is known", () => {
    expect(sayEstimate({ ms: 110_000, from: "last" })).toBe("about 1 m 50 s, last time");
    expect(sayEstimate({ ms: 113_000, from: "measured" })).toBe("about 1 m 53 s from empty caches on two cores");
  });
});
