/** A small history in which nothing is wrong, and ways to doctor it. */
import type { BoardRecord, Call, Fields, History, HistoryEvent, Poll } from "../../board/src/history/history.ts";

const START = Date.parse("2026-01-01T10:00:00Z");
export const at = (seconds: number) => START + seconds * 1000;
export const iso = (seconds: number) => new Date(at(seconds)).toISOString();
export const [DONE, NEXT, HELD] = ["task-done", "task-next", "task-held"];

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

export const call = (fields: Partial<Call>): Call => ({
  client: "a",
  verb: "claim",
  task: DONE,
  op: null,
  fence: null,
  incarnation: null,
  base: null,
  poll: null,
  asked: 0,
  answered: 1,
  result: "accepted",
  version: null,
  epoch: null,
  code: null,
  answer: null,
  ...fields,
});

/** Asked so many seconds after the start on the board's clock, and told for 10 ms later that nothing is ready. */
export const poll = (seconds: number, fields: Partial<Call> = {}, takes: Partial<Poll> = {}): Call =>
  call({
    client: "d",
    verb: "claim_next",
    task: null,
    poll: { agent: "dan", capabilities: [], project: null, class: null, ...takes },
    asked: seconds * 1000,
    answered: seconds * 1000 + 10,
    answer: JSON.stringify({ claimed: false, reason: "nothing_ready" }),
    ...fields,
  });

export function healthy(): History {
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
      // Everything is held or done.
      poll(9.2),
      poll(9.4),
    ],
    board: board(),
    tickMs: 1_000,
    clocks: { aheadMs: START, withinMs: 1 },
    incarnations: [{ number: 1, since: 0 }],
    outages: [],
  };
}

export type Doctor = (history: History) => History;
export const onBoard =
  (change: (record: BoardRecord) => Partial<BoardRecord>): Doctor =>
  (history) => ({ ...history, board: { ...history.board, ...change(history.board) } });
export const onEvent = (kind: string, change: (event: HistoryEvent) => Partial<HistoryEvent>): Doctor =>
  onBoard(({ events }) => ({
    events: events.map((event) => (event.kind === kind ? { ...event, ...change(event) } : event)),
  }));
export const onTask = (id: string, row: Fields): Doctor =>
  onBoard(({ tasks }) => ({
    tasks: tasks.map((task) => (task.id === id ? { id, row: { ...task.row, ...row } } : task)),
  }));
export const told =
  (fields: Partial<Call>): Doctor =>
  (history) => ({ ...history, calls: [...history.calls, call({ asked: 100, answered: 101, ...fields })] });

export const asks =
  (...polls: readonly Call[]): Doctor =>
  (history) => ({ ...history, calls: [...history.calls, ...polls] });
export const offers = (row: Fields): Doctor => onEvent("expired", ({ after }) => ({ after: { ...after, ...row } }));
export const both =
  (first: Doctor, second: Doctor): Doctor =>
  (history) =>
    second(first(history));
