import { readFileSync } from "node:fs";
import pg from "pg";
import { z } from "zod";
import { SQL } from "./sql.ts";
import { type TaskRow, taskRow } from "./task-document.ts";

export interface DatabaseConfig {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly passwordFile: string;
  /** A transaction pooler stands before it, which refuses a connection that comes with settings of its own. */
  readonly isPooled: boolean;
}

/** A place in the board's trail. Numbers as text: they are wider than a double. */
export interface Place {
  /** Which board: instance and incarnation. A restored board is another one. */
  readonly board: string;
  readonly xid: string;
  readonly id: string;
}

export interface TrailEvent {
  readonly xid: string;
  readonly id: string;
  /** null: of no task, or of one that may not be seen. */
  readonly task: string | null;
  readonly entity: string;
  /** False: an older transaction still runs, whose events would stand before this one. */
  readonly settled: boolean;
}

/** The board as role muster_rag sees it: the views of muster_read, and so no row of a private project. Every call throws when it cannot be asked. */
export interface BoardReader {
  /** Where to read the trail on from, for whoever reads rows after this answer. */
  findPlace(): Promise<Place>;
  /** `too many`: there are more than can be put in order in time. */
  eventsAfter(place: Place, limit: number): Promise<readonly TrailEvent[] | "too many">;
  taskIds(): Promise<readonly { readonly id: string; readonly number: number }[]>;
  /** Rows of those ids that may be seen. */
  tasks(ids: readonly string[]): Promise<readonly TaskRow[]>;
  /** Which of these numbers may be seen now. */
  visible(numbers: readonly number[]): Promise<ReadonlySet<number>>;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 2_000;
const STATEMENT_TIMEOUT_MS = 4_000;
/** A search waits for this answer: without it, it goes on without the board. */
const VISIBLE_TIMEOUT_MS = 500;

/** SQLSTATE query_canceled. */
const STATEMENT_TIMED_OUT = "57014";

const placeRow = z.object({ instance_id: z.string(), incarnation: z.int(), horizon: z.string() });
const idRow = z.object({ id: z.string(), number: z.int() });
const eventRow = z.object({
  xid: z.string(),
  id: z.string(),
  entity: z.string(),
  task_id: z.string().nullable(),
  settled: z.boolean(),
});

/** Connects when first asked; three connections at most: one for the trail, two for searches. The caller closes it. */
export function openBoardReader({ passwordFile, isPooled, ...settings }: DatabaseConfig): BoardReader {
  const pool = new pg.Pool({
    ...settings,
    // Read at each connect, so that a changed password needs no restart.
    password: () => readFileSync(passwordFile, "utf8").trim(),
    max: 3,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    ...(isPooled ? {} : { statement_timeout: STATEMENT_TIMEOUT_MS }),
    query_timeout: STATEMENT_TIMEOUT_MS + 500,
    application_name: "muster-search",
    allowExitOnIdle: true,
  });
  // An idle connection that the server ends is replaced at the next question, which reports what is wrong.
  pool.on("error", () => undefined);
  const rows = async <T>(
    schema: z.ZodType<T>,
    text: string,
    values: unknown[] = [],
    timeoutMs?: number,
  ): Promise<T[]> => {
    const limit = timeoutMs === undefined ? {} : { query_timeout: timeoutMs };
    return z.array(schema).parse((await pool.query({ text, values, ...limit })).rows);
  };
  return {
    async findPlace() {
      const [found] = await rows(placeRow, SQL.findPlace);
      if (found === undefined) throw new Error("The board has no instance yet.");
      return { board: `${found.instance_id}.${found.incarnation}`, xid: found.horizon, id: "0" };
    },
    async eventsAfter({ xid, id }, limit) {
      try {
        const found = await rows(eventRow, SQL.eventsAfter, [xid, id, limit]);
        return found.map(({ task_id, ...event }) => ({ ...event, task: task_id }));
      } catch (error) {
        if (error instanceof pg.DatabaseError && error.code === STATEMENT_TIMED_OUT) return "too many";
        throw error;
      }
    },
    taskIds: () => rows(idRow, SQL.taskIds),
    tasks: (ids) => rows(taskRow, SQL.taskTexts, [ids]),
    async visible(numbers) {
      const found = await rows(z.object({ number: z.int() }), SQL.visibleTasks, [numbers], VISIBLE_TIMEOUT_MS);
      return new Set(found.map(({ number }) => number));
    },
    close: () => pool.end(),
  };
}

export function formatPlace({ board, xid, id }: Place): string {
  return `${board}:${xid}:${id}`;
}

/** null for anything that is no place. */
export function parsePlace(text: string | null): Place | null {
  const [, board, xid, id] = /^([^:]+):(\d{1,20}):(\d{1,19})$/.exec(text ?? "") ?? [];
  return board === undefined || xid === undefined || id === undefined ? null : { board, xid, id };
}
