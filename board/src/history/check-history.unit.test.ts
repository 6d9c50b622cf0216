/** Each invariant passes a healthy history and is red on one that was doctored against it. */
import { describe, expect, test } from "vitest";
import { checkHistory, INVARIANTS } from "./check-history.ts";
import type { BoardRecord, Call, Fields, History, HistoryEvent } from "./history.ts";

const START = Date.parse("2026-01-01T10:00:00Z");
const at = (seconds: number) => START + seconds * 1000;
const iso = (seconds: number) => new Date(at(seconds)).toISOString();
const [DONE, NEXT, HELD] = ["task-done", "task-next", "task-held"];

interface Change {
  readonly task: string;
  readonly kind: string;
  readonly actor: string;
  readonly set: Fields;
}

const born = (id: string): Fields => ({
  id,
  status: "ready",
  claim_epoch: 0,
  claim_session: null,
  assigned_to: null,
  claimed_at: null,
  attempt: 0,
  max_attempts: 3,
});
const grant = (actor: string, session: string, epoch: number, seconds: number): Fields => ({
  claim_epoch: epoch,
  claim_session: session,
  assigned_to: actor,
  claimed_at: iso(seconds),
});
const free: Fields = { claim_session: null, assigned_to: null, claimed_at: null };

/** One change a second. */
const CHANGES: readonly Change[] = [
  { task: DONE, kind: "created", actor: "steward", set: born(DONE) },
  { task: NEXT, kind: "created", actor: "steward", set: born(NEXT) },
  { task: HELD, kind: "created", actor: "steward", set: born(HELD) },
  { task: DONE, kind: "claimed", actor: "ann", set: { status: "in_progress", ...grant("ann", "a", 1, 3) } },
  { task: DONE, kind: "edited", actor: "ann", set: { title: "Better" } },
  { task: DONE, kind: "submitted", actor: "ann", set: { status: "in_review", ...free } },
  { task: DONE, kind: "review_claimed", actor: "ben", set: grant("ben", "b", 2, 6) },
  { task: DONE, kind: "verified", actor: "ben", set: { status: "done", ...free } },
  { task: HELD, kind: "claimed", actor: "ann", set: { status: "in_progress", ...grant("ann", "a2", 1, 8) } },
  { task: NEXT, kind: "claimed", actor: "ben", set: { status: "in_progress", ...grant("ben", "b2", 1, 9) } },
  { task: NEXT, kind: "expired", actor: "", set: { status: "ready", ...free } },
];

function board(): BoardRecord {
  const rows = new Map<string, Fields>();
  const events = CHANGES.map(({ task, kind, actor, set }, index): HistoryEvent => {
    const was = rows.get(task) ?? null;
    const version = Number(was?.["version"] ?? 0) + 1;
    const after = { ...set, version };
    const becomes: Fields = { ...was, ...after };
    rows.set(task, becomes);
    return {
      id: index + 1,
      entity: "os_tasks",
      entityId: task,
      version,
      kind,
      actor: actor === "" ? null : actor,
      isSteward: actor === "steward",
      epoch: Number(becomes["claim_epoch"]),
      before: was === null ? null : Object.fromEntries(Object.keys(after).map((key) => [key, was[key] ?? null])),
      after,
      at: at(index),
      origin: "live",
    };
  });
  const dependency: HistoryEvent = {
    id: 3.5,
    entity: "os_task_dependencies",
    entityId: "dependency",
    version: 1,
    kind: "created",
    actor: "steward",
    isSteward: true,
    epoch: null,
    before: null,
    after: { task: NEXT, depends_on: DONE },
    at: at(2),
    origin: "live",
  };
  const claim = { kind: "work", modelFamily: "alpha", endedAt: null, endedBy: null } as const;
  return {
    readAt: at(20),
    lockDelayMs: 10_000,
    events: [...events, dependency],
    tasks: [...rows].map(([id, row]) => ({ id, row })),
    claims: [
      {
        ...claim,
        task: DONE,
        epoch: 1,
        holder: "ann",
        session: "a",
        claimedAt: at(3),
        endedAt: at(5),
        endedBy: "submitted",
      },
      {
        ...claim,
        task: DONE,
        epoch: 2,
        kind: "review",
        holder: "ben",
        session: "b",
        modelFamily: "beta",
        claimedAt: at(6),
        endedAt: at(7),
        endedBy: "verdict",
      },
      { ...claim, task: HELD, epoch: 1, holder: "ann", session: "a2", claimedAt: at(8) },
      {
        ...claim,
        task: NEXT,
        epoch: 1,
        holder: "ben",
        session: "b2",
        claimedAt: at(9),
        endedAt: at(10),
        endedBy: "expired",
      },
    ],
    leases: [{ task: HELD, kind: "work", epoch: 1, holder: "ann", expiresAt: at(900) }],
    dependencies: [{ id: "dependency", task: NEXT, dependsOn: DONE, dependsOnStatus: "done" }],
    verifications: [
      { task: DONE, epoch: 2, verdict: "pass", verifier: "ben", session: "b", modelFamily: "beta", risk: "high" },
    ],
    queue: [{ task: NEXT, rank: 7n, wanted: 7n, head: 5n }],
    operations: [{ op: "op-1", verb: "claim" }],
  };
}

const call = (fields: Partial<Call>): Call => ({
  client: "a",
  verb: "claim",
  task: DONE,
  op: null,
  fence: null,
  incarnation: null,
  base: null,
  asked: 0,
  answered: 1,
  result: "accepted",
  version: null,
  epoch: null,
  code: null,
  answer: null,
  ...fields,
});

function healthy(): History {
  return {
    calls: [
      call({ verb: "add_task", asked: 1, answered: 2, version: 1, epoch: 0 }),
      call({ op: "op-1", asked: 3, answered: 4, version: 2, epoch: 1, answer: "granted" }),
      call({ op: "op-1", asked: 5, answered: 6, version: 2, epoch: 1, answer: "granted" }),
      call({ client: "c", asked: 3, answered: 5, result: "refused", code: "MUSTER_CLAIM_CONFLICT" }),
      call({ verb: "edit", fence: 1, base: 2, incarnation: 1, asked: 7, answered: 8, version: 3 }),
      call({ verb: "submit", fence: 1, asked: 9, answered: 10, version: 4 }),
      call({ client: "b", asked: 11, answered: 12, version: 5, epoch: 2 }),
      call({ client: "b", verb: "verdict", fence: 2, asked: 13, answered: 14, version: 6 }),
      call({ client: "b", verb: "verdict", fence: 2, asked: 15, answered: null, result: "unknown" }),
    ],
    board: board(),
    tickMs: 1_000,
    incarnations: [{ number: 1, since: 0 }],
    outages: [],
  };
}

type Doctor = (history: History) => History;
const onBoard =
  (change: (record: BoardRecord) => Partial<BoardRecord>): Doctor =>
  (history) => ({ ...history, board: { ...history.board, ...change(history.board) } });
const onEvent = (kind: string, change: (event: HistoryEvent) => Partial<HistoryEvent>): Doctor =>
  onBoard(({ events }) => ({
    events: events.map((event) => (event.kind === kind ? { ...event, ...change(event) } : event)),
  }));
const onTask = (id: string, row: Fields): Doctor =>
  onBoard(({ tasks }) => ({
    tasks: tasks.map((task) => (task.id === id ? { id, row: { ...task.row, ...row } } : task)),
  }));
const told =
  (fields: Partial<Call>): Doctor =>
  (history) => ({ ...history, calls: [...history.calls, call({ asked: 100, answered: 101, ...fields })] });

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
