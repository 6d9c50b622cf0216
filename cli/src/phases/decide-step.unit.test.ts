import { expect, test } from "vitest";
import type { JournalRecord } from "../journal/record.ts";
import { decideStep } from "./decide-step.ts";

const NOW = "hash-now";
const BEFORE = "hash-before";

function history(...events: readonly (readonly [JournalRecord["event"], string])[]): readonly JournalRecord[] {
  return events.map(([event, inputHash], index) => ({
    v: 1,
    seq: index + 1,
    at: "2026-01-01T00:00:00.000Z",
    run: "run",
    phase: "up",
    step: "up/postgres",
    event,
    inputHash,
    changed: 0,
    durationMs: 0,
    cli: "0.1.0",
    error: null,
    prev: "genesis",
  }));
}

const cases = [
  ["runs when it never ran", [], false, "run"],
  ["adopts when it never ran but holds (journal deleted)", [], true, "adopt"],
  ["adopts after a kill between work and done", [["intent", NOW]], true, "adopt"],
  ["runs after a kill in the middle of the work", [["intent", NOW]], false, "run"],
  [
    "skips what is done, unchanged and holds",
    [
      ["intent", NOW],
      ["done", NOW],
    ],
    true,
    "skip",
  ],
  [
    "skips what was skipped, unchanged and holds",
    [
      ["done", NOW],
      ["skip", NOW],
    ],
    true,
    "skip",
  ],
  ["skips what was adopted, unchanged and holds", [["adopt", NOW]], true, "skip"],
  ["runs what is done but no longer holds", [["done", NOW]], false, "run"],
  ["runs what is done for other inputs", [["done", BEFORE]], true, "run"],
  ["runs what was adopted for other inputs", [["adopt", BEFORE]], true, "run"],
  [
    "runs what failed, even when its checks pass by now",
    [
      ["intent", NOW],
      ["fail", NOW],
    ],
    true,
    "run",
  ],
  [
    "runs again when killed right after the intent for changed inputs",
    [
      ["done", BEFORE],
      ["intent", NOW],
    ],
    true,
    "run",
  ],
  [
    "runs again when changed inputs failed and were then killed",
    [
      ["done", BEFORE],
      ["fail", NOW],
      ["intent", NOW],
    ],
    true,
    "run",
  ],
  [
    "adopts a repair of the same inputs that was killed after its work",
    [
      ["done", NOW],
      ["intent", NOW],
    ],
    true,
    "adopt",
  ],
] as const;

test.each(cases)("%s", (_name, events, proven, decision) => {
  expect(decideStep({ history: history(...events), inputHash: NOW, proven })).toBe(decision);
});
