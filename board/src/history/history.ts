/** What happened on a board: what its clients were told, and what the board recorded. Pure data; `collect-history.ts` reads the second half. */

/** A question for the best ready work, and what its agent may take. */
export interface Poll {
  /** Two sessions of one agent are one. */
  readonly agent: string;
  readonly capabilities: readonly string[];
  /** Id of the only project and name of the only class that it wants; null: any. */
  readonly project: string | null;
  readonly class: string | null;
}

/** One call at a client. Times are milliseconds of one monotonic clock that all clients of the history share. */
export interface Call {
  /** Session of the caller: two calls of one session are never rivals. */
  readonly client: string;
  readonly verb: string;
  /** Id of the task that it was about; null when it named none and got none. */
  readonly task: string | null;
  /** Idempotency key; null when it had none. */
  readonly op: string | null;
  /** Fence that it sent; null when it sent none. */
  readonly fence: number | null;
  /** Incarnation of the token that it sent; null when it sent none. */
  readonly incarnation: number | null;
  /** Version that it sent to compare with; null when it sent none. */
  readonly base: number | null;
  /** null: it was no such question. */
  readonly poll: Poll | null;
  readonly asked: number;
  /** null: no answer ever came. */
  readonly answered: number | null;
  /** unknown: the connection ended first, so it may or may not have happened. */
  readonly result: "accepted" | "refused" | "unknown";
  /** Version and epoch of the task after it, as it was told; null when the answer named none. */
  readonly version: number | null;
  readonly epoch: number | null;
  /** Code of the refusal. */
  readonly code: string | null;
  /** The answer as text, to compare with the answer to a repetition; null when nobody kept it. */
  readonly answer: string | null;
}

export type Fields = Readonly<Record<string, unknown>>;

/** A row of os_events. Times of the board are milliseconds since 1970 on the database's clock. */
export interface HistoryEvent {
  readonly id: number;
  readonly entity: string;
  readonly entityId: string;
  readonly version: number;
  readonly kind: string;
  /** null: the database itself. */
  readonly actor: string | null;
  readonly isSteward: boolean;
  readonly epoch: number | null;
  readonly before: Fields | null;
  readonly after: Fields;
  readonly at: number;
  readonly origin: string;
}

export interface HistoryTask {
  readonly id: string;
  /** The whole row, as jsonb shows it. */
  readonly row: Fields;
}

export interface HistoryClaim {
  readonly task: string;
  readonly epoch: number;
  readonly kind: string;
  readonly holder: string | null;
  readonly session: string | null;
  readonly modelFamily: string | null;
  readonly claimedAt: number;
  readonly endedAt: number | null;
  readonly endedBy: string | null;
}

export interface HistoryLease {
  readonly task: string;
  readonly kind: string;
  readonly epoch: number;
  readonly holder: string | null;
  readonly expiresAt: number;
}

export interface HistoryDependency {
  readonly id: string;
  readonly task: string;
  readonly dependsOn: string;
  readonly dependsOnStatus: string;
}

export interface HistoryVerification {
  readonly task: string;
  readonly epoch: number | null;
  readonly verdict: string;
  readonly verifier: string | null;
  readonly session: string | null;
  readonly modelFamily: string | null;
  readonly risk: string;
}

/** A place in the queue; ranks are bigint. */
export interface HistoryPlace {
  readonly task: string;
  readonly rank: bigint;
  /** Rank that the task's priority, dependents and number give. */
  readonly wanted: bigint;
  /** Where claims start to look. */
  readonly head: bigint;
}

export interface HistoryOperation {
  readonly op: string;
  readonly verb: string;
}

/** What the board holds, read in one transaction. */
export interface BoardRecord {
  /** When it was read, on the database's clock. */
  readonly readAt: number;
  readonly lockDelayMs: number;
  readonly events: readonly HistoryEvent[];
  readonly tasks: readonly HistoryTask[];
  readonly claims: readonly HistoryClaim[];
  readonly leases: readonly HistoryLease[];
  readonly dependencies: readonly HistoryDependency[];
  readonly verifications: readonly HistoryVerification[];
  readonly queue: readonly HistoryPlace[];
  readonly operations: readonly HistoryOperation[];
}

/** The database's clock beside the clients'. */
export interface Clocks {
  /** What the database's clock shows more than theirs, in milliseconds. */
  readonly aheadMs: number;
  /** How far that may be off. */
  readonly withinMs: number;
}

export interface History {
  readonly calls: readonly Call[];
  readonly board: BoardRecord;
  /** Longest pause between two ticks while the board was up; null: nobody ticked, so nothing is said about liveness. */
  readonly tickMs: number | null;
  /** null: nothing is said of agents that look for work. Otherwise the board was read whole, and every writer but the ticks is among the calls or was done before them. */
  readonly clocks: Clocks | null;
  /** Restores and failovers: from when, on the clients' clock, the number was the live one. */
  readonly incarnations: readonly { readonly number: number; readonly since: number }[];
  /** Times on the database's clock in which the board was away, and how long after them every holder had beaten again. */
  readonly outages: readonly { readonly from: number; readonly to: number; readonly graceMs: number }[];
}

/** Ids as in the list of invariants in docs/claims.md. */
export interface Violation {
  readonly invariant: string;
  readonly what: string;
}
