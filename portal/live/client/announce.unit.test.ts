import { expect, test } from "vitest";
import { NOTHING_TOLD, type Told, tellIn, wordsOf } from "./announce.ts";
import type { Phase } from "./phase.ts";
import type { LiveFacts } from "./store.ts";

const facts = (phase: Phase, waiting = 0): LiveFacts => ({
  ...{ phase, waiting, readAt: null, eventId: null, heldBy: null, downSince: null, isOtherBuild: false },
});

/** What is said, by second, when each fact holds from its second on: as the page does it, with a timer that every change sets anew. */
function listen(
  changes: readonly (readonly [number, LiveFacts])[],
  until: number,
): readonly (readonly [number, string])[] {
  const said: (readonly [number, string])[] = [];
  let told: Told = NOTHING_TOLD;
  let since = 0;
  let phase: Phase = "still";
  for (const [index, [from, now]] of changes.entries()) {
    if (now.phase !== phase) since = from * 1_000;
    phase = now.phase;
    const wait = tellIn(told, now, since, from * 1_000);
    const at = from * 1_000 + (wait ?? Number.POSITIVE_INFINITY);
    if (at > (changes[index + 1]?.[0] ?? until) * 1_000) continue;
    told = { phase: now.phase, waiting: now.waiting, at };
    said.push([at / 1_000, wordsOf(now).split(".")[0] ?? ""]);
  }
  return said;
}

test("a page that is loaded and becomes live says nothing", () => {
  const changes = [
    [0, facts("still")],
    [0.2, facts("connecting")],
    [3, facts("live")],
  ] as const;
  expect(listen(changes, 60)).toEqual([]);
});

test("stale, offline and live again are each told", () => {
  const changes = [
    [0, facts("live")],
    [30, facts("stale")],
    [60, facts("offline")],
    [90, facts("connecting")],
    [91, facts("live")],
  ] as const;
  expect(listen(changes, 120)).toEqual([
    [31, "Stale"],
    [61, "Offline"],
    [92, "Live"],
  ]);
});

test("what is over within a second is not told, nor what returns before it could be", () => {
  const changes = [
    [0, facts("live")],
    [10, facts("catching_up")],
    [10.5, facts("live")],
    [20, facts("offline")],
    [22, facts("live")],
    [25, facts("offline")],
  ] as const;
  // The live of second 22 had to wait until 31, and by then it was offline again, as was told.
  expect(listen(changes, 60)).toEqual([[21, "Offline"]]);
});

test("a flood of changes is told once in ten seconds, and none of it starves the word", () => {
  const flood = Array.from({ length: 240 }, (_, at) => [10 + at / 4, facts("paused", at)] as const);
  const said = listen(flood, 90).map(([at]) => at);
  expect(said[0]).toBe(11);
  expect(said.length).toBeGreaterThanOrEqual(6);
  expect(said.filter((at, index) => index > 0 && at - (said[index - 1] ?? 0) < 10)).toEqual([]);
  expect(wordsOf(facts("paused", 34))).toContain("34 new.");
});
