/** Each invariant passes a healthy history and is red on one that was doctored against it. */
import { describe, expect, test } from "vitest";
import {
  asks,
  at,
  both,
  DONE,
  type Doctor,
  HELD,
  healthy,
  iso,
  NEXT,
  offers,
  onBoard,
  onEvent,
  onTask,
  poll,
  told,
} from "../../../test/support/healthy-history.ts";
import { checkHistory, INVARIANTS } from "./check-history.ts";

/** What a broken law would leave behind. Each must be red for its invariant; another may be red with it. */
const DOCTORED: readonly (readonly [invariant: string, story: string, doctor: Doctor])[] = [
  ["I1", "a second lease", onBoard(({ leases }) => ({ leases: [...leases, ...leases] }))],
  [
    "I1",
    "a second open claim",
    onBoard(({ claims }) => ({ claims: [...claims, ...claims].map((c) => ({ ...c, endedAt: null })) })),
  ],
  ["I1", "a grant over a live holder", onEvent("edited", () => ({ kind: "claimed" }))],
  ["I2", "one epoch granted twice", onBoard(({ claims }) => ({ claims: [...claims, ...claims.slice(0, 1)] }))],
  [
    "I2",
    "a winner whom the board does not know",
    onBoard(({ claims }) => ({ claims: claims.map((c) => ({ ...c, session: "else" })) })),
  ],
  ["I2", "two clients told that they won", told({ client: "c", epoch: 1, version: 2 })],
  [
    "I3",
    "an epoch that falls",
    onEvent("verified", ({ after }) => ({ epoch: 1, after: { ...after, claim_epoch: 1 } })),
  ],
  [
    "I3",
    "an epoch that leaps with a grant",
    onEvent("review_claimed", ({ after }) => ({ epoch: 9, after: { ...after, claim_epoch: 9 } })),
  ],
  ["I4", "a write by one who does not hold it", onEvent("submitted", () => ({ actor: "ben" }))],
  ["I4", "a fence of an earlier epoch accepted", told({ verb: "submit", fence: 1, version: 6 })],
  ["I5", "a later call with an earlier version", told({ client: "c", version: 3 })],
  ["I6", "a holder without a lease", onBoard(() => ({ leases: [] }))],
  ["I6", "a lease of another epoch", onBoard(({ leases }) => ({ leases: leases.map((l) => ({ ...l, epoch: 2 })) }))],
  [
    "I6",
    "a review lease on work in progress",
    onBoard(({ leases }) => ({ leases: leases.map((l) => ({ ...l, kind: "review" })) })),
  ],
  ["I7", "a missing event", onBoard(({ events }) => ({ events: events.filter(({ kind }) => kind !== "edited") }))],
  ["I7", "a cut tail", onBoard(({ events }) => ({ events: events.filter(({ kind }) => kind !== "verified") }))],
  ["I8", "a row that no event made", onTask(DONE, { title: "Worse" })],
  [
    "I8",
    "a lost update between two events",
    onEvent("verified", ({ before }) => ({ before: { ...before, status: "ready" } })),
  ],
  [
    "I9",
    "a waiting task in the queue",
    onBoard(({ dependencies }) => ({ dependencies: dependencies.map((d) => ({ ...d, dependsOnStatus: "ready" })) })),
  ],
  [
    "I9",
    "a wrong place in the queue",
    onBoard(({ queue }) => ({ queue: queue.map((place) => ({ ...place, wanted: 6n })) })),
  ],
  [
    "I10",
    "a claim before its dependency was done",
    onEvent("verified", ({ after }) => ({ after: { ...after, status: "in_review" } })),
  ],
  [
    "I11",
    "a circle",
    onBoard(({ dependencies }) => ({
      dependencies: [...dependencies, { id: "back", task: DONE, dependsOn: NEXT, dependsOnStatus: "ready" }],
    })),
  ],
  ["I12", "a step that no table has", onEvent("submitted", ({ after }) => ({ after: { ...after, status: "done" } }))],
  ["I12", "an agent's step made by the database", onEvent("submitted", () => ({ actor: null }))],
  [
    "I13",
    "a renewed lease that expired before its end",
    told({
      client: "b2",
      verb: "heartbeat",
      task: NEXT,
      fence: 1,
      answer: JSON.stringify({ task: NEXT, fence: 1, lease_expires_at: new Date(at(20)).toISOString() }),
    }),
  ],
  ["I13", "an acknowledged write that is gone", told({ verb: "submit", version: 7 })],
  ["I13", "an acknowledged epoch that the board does not know", told({ client: "b", version: 5, epoch: 3 })],
  ["I13", "an acknowledged operation that is not recorded", told({ op: "op-2" })],
  ["I14", "another answer to the same operation", told({ op: "op-1", answer: "refused" })],
  ["I14", "one effect told to two operations", told({ op: "op-3", version: 6 })],
  [
    "I15",
    "a lease that nobody ends",
    onBoard(({ leases }) => ({ leases: leases.map((l) => ({ ...l, expiresAt: at(5) })) })),
  ],
  ["I15", "an agent that is told twice in a row that there is nothing", asks(poll(13), poll(13.1))],
  [
    "I15",
    "an agent that can what the task needs and is told that there is nothing",
    both(
      offers({ required_capabilities: ["tests"] }),
      asks(...[13, 13.1].map((at) => poll(at, {}, { capabilities: ["docs", "tests"] }))),
    ),
  ],
  ["I16", "a lost task", onBoard(({ tasks }) => ({ tasks: tasks.filter(({ id }) => id !== HELD) }))],
  ["I16", "a task from nowhere", onBoard(({ tasks }) => ({ tasks: [...tasks, { id: "stray", row: {} }] }))],
  ["I16", "a created task that is not there", told({ verb: "add_task", task: "told" })],
  [
    "I17",
    "a grant with a client's time",
    onEvent("review_claimed", ({ after }) => ({ after: { ...after, claimed_at: iso(-86_400) } })),
  ],
  ["I17", "an event from the future", onEvent("expired", () => ({ at: at(86_400) }))],
  ["I18", "an edit over a version that it did not read", told({ base: 2, version: 6 })],
  [
    "I19",
    "an old token after a restore",
    (history) => ({ ...told({ incarnation: 1 })(history), incarnations: [{ number: 2, since: 50 }] }),
  ],
  ["I20", "a ready task that is not in the queue", onBoard(() => ({ queue: [] }))],
  [
    "I20",
    "a ready task before the head",
    onBoard(({ queue }) => ({ queue: queue.map((place) => ({ ...place, head: 8n })) })),
  ],
  [
    "I21",
    "a lease that an outage took",
    (history) => ({ ...history, outages: [{ from: at(9.2), to: at(9.8), graceMs: 1_000 }] }),
  ],
  [
    "I22",
    "a verdict by the author",
    onBoard(({ verifications }) => ({ verifications: verifications.map((v) => ({ ...v, verifier: "ann" })) })),
  ],
  [
    "I22",
    "a verdict in the author's session",
    onBoard(({ verifications }) => ({ verifications: verifications.map((v) => ({ ...v, session: "a" })) })),
  ],
  [
    "I22",
    "a verdict by the author's family at risk",
    onBoard(({ verifications }) => ({ verifications: verifications.map((v) => ({ ...v, modelFamily: "alpha" })) })),
  ],
];

test("a healthy history has no violation", () => {
  expect(checkHistory(healthy())).toEqual([]);
});

test("there are twenty-two invariants, and each has a doctored history", () => {
  expect(INVARIANTS.map(({ id }) => id)).toEqual(Array.from({ length: 22 }, (_, index) => `I${index + 1}`));
  expect([...new Set(DOCTORED.map(([id]) => id))]).toEqual(INVARIANTS.map(({ id }) => id));
});

describe.each(DOCTORED)("%s is red on %s", (invariant, _, doctor) => {
  test("and says so", () => {
    expect(checkHistory(doctor(healthy())).map((violation) => violation.invariant)).toContain(invariant);
  });
});
