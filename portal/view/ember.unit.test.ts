import { expect, test } from "vitest";
import { compareByRisk, emberOf, isAlive, isSlow, type LeaseFacts, ringDashes } from "./ember.ts";

const NOW = new Date("2026-11-22T19:41:07Z");
const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

/** A lease of 600 s, renewed in full by the beat that came `beat` seconds ago, unless said otherwise. */
function leaseWith(beat: number, facts: Partial<LeaseFacts> = {}): LeaseFacts {
  const lease = {
    task: 65,
    epoch: 3,
    agent: "a02",
    kind: "work",
    leaseSeconds: 600,
    heartbeatAt: at(-beat),
    expiresAt: at(600 - beat),
  } as const;
  return { ...lease, ...facts };
}

test.each([
  [0, "fresh"],
  [59, "fresh"],
  [60, "cooling"],
  [299, "cooling"],
  [300, "cold"],
  [599, "cold"],
  [600, "expired"],
])("a claim of 600 s whose last beat is %i s old is %s", (beat, state) => {
  expect(emberOf(leaseWith(beat), NOW).state).toBe(state);
});

test("the ring is the part of the lease that is left, and empties clockwise from twelve", () => {
  const { ring } = emberOf(leaseWith(150), NOW);
  expect(ring).toBe(75);
  expect(ringDashes(ring)).toBe("0 25.0 75.0 0");
});

test("the ring never leaves its circle, whatever the clocks say", () => {
  expect(emberOf(leaseWith(0, { expiresAt: at(9_000) }), NOW).ring).toBe(100);
  expect(emberOf(leaseWith(0, { expiresAt: at(-9_000) }), NOW).ring).toBe(0);
  expect(ringDashes(140)).toBe("0 0.0 100.0 0");
});

test("a beat from the future counts as a beat now", () => {
  expect(emberOf(leaseWith(-30), NOW)).toMatchObject({ state: "fresh", secondsSinceBeat: 0 });
});

test("an expired claim holds nothing, however fresh its beat is", () => {
  const ember = emberOf(leaseWith(1, { expiresAt: at(0) }), NOW);
  expect([ember.state, ember.ring, isAlive(ember)]).toEqual(["expired", 0, false]);
});

test("the label holds the facts of the picture in words", () => {
  expect(emberOf(leaseWith(6), NOW).label).toBe(
    "Live claim: held by a02, lease ends in 9 m 54 s, last heartbeat 6 s ago",
  );
  expect(emberOf(leaseWith(700, { agent: null, kind: "review" }), NOW).label).toBe(
    "Expired review: held by a person, lease ended 1 m 40 s ago, last heartbeat 11 m 40 s ago",
  );
});

test("what needs a look first sorts first", () => {
  const embers = [leaseWith(1), leaseWith(700), leaseWith(2), leaseWith(100), leaseWith(400)].map((lease) =>
    emberOf(lease, NOW),
  );
  const order = embers.toSorted(compareByRisk).map(({ state, secondsLeft }) => `${state} ${secondsLeft}`);
  expect(order).toEqual(["expired 0", "cold 200", "cooling 500", "fresh 598", "fresh 599"]);
});

test.each([
  ["a change 1,199 s ago", 0, at(-1_199), false],
  ["a change 1,200 s ago", 0, at(-1_200), true],
  ["no change that is known of", 0, null, false],
  ["no change for long, but a beat that cools", 60, at(-9_000), false],
  ["no change for long, and no beat either", 300, at(-9_000), false],
])("a claim with %s is slow only when it beats and does nothing", (_, beat, changedAt, slow) => {
  expect(isSlow(emberOf(leaseWith(beat), NOW), changedAt, NOW)).toBe(slow);
});
