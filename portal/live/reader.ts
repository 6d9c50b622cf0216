/**
 * The one reader of this process: it asks the database for what is new and hands it out, so that a watcher costs no query.
 *
 * It polls. A NOTIFY per claim would serialise every commit of the fleet on one lock; a look at an index every 50 ms costs the
 * database a few milliseconds a second, and nothing at all while nobody watches.
 */
import { z } from "zod";
import { type BoardProblem, problemOf } from "../data/board-health.ts";
import { SQL } from "../data/generated/sql.ts";
import { pool } from "../data/pool.ts";
import { BigCount, Instant } from "../data/snapshot.ts";
import type { LeaseBeat } from "../view/live-ember.ts";
import { formatCursor, type Place } from "./cursor.ts";
import { EventRing, type StoredEvent } from "./ring.ts";

const POLL_MS = 50;
const PULSE_MS = 500;
const RETRY_MS = 1_000;
const BATCH = 500;
/**
 * A quarter of an hour of a fleet with five events a second, 4 MB. After a start it is read back from the database for the first who asks, shared by all who
 * do; whoever was away for longer starts anew with a whole view.
 */
const RING = 4_096;

const EventRow = z.object({
  xid: z.string(),
  id: z.string(),
  entity: z.string().nullable(),
  kind: z.string().nullable(),
  version: z.int().nullable(),
  actor_name: z.string().nullable(),
  epoch: z.int().nullable(),
  task: z.int().nullable(),
  task_title: z.string().nullable(),
  from_status: z.string().nullable(),
  to_status: z.string().nullable(),
  at: Instant.nullable(),
  origin: z.string().nullable(),
});

const LeaseBeatRow = z.tuple([z.int(), z.int(), z.number(), z.number(), z.int()]);

const PulseRow = z.object({
  now: Instant,
  incarnation: z.int(),
  head_xid: z.string(),
  head_id: BigCount,
  held_events: z.int(),
  held_by: z.int().nullable(),
  leases: z.array(LeaseBeatRow),
});

export interface Pulse {
  /** The database's clock. */
  readonly now: Date;
  /** Committed events that wait for an older transaction, and the process that runs it. */
  readonly heldEvents: number;
  readonly heldBy: number | null;
  readonly leases: readonly LeaseBeat[];
}

export interface ReaderEvents {
  /** New events in order. `more`: the reader is behind and reads on at once; none and no more: it is behind no longer. */
  readonly onEvents: (events: readonly StoredEvent[], more: boolean) => void;
  readonly onPulse: (pulse: Pulse) => void;
  /** The board was restored: every earlier cursor is void. */
  readonly onRestart: () => void;
  readonly onProblem: (problem: BoardProblem) => void;
}

export class EventReader {
  readonly #events: ReaderEvents;
  #ring: EventRing | null = null;
  #running: symbol | null = null;
  #isBehind = false;
  #backfill: Promise<void> = Promise.resolve();

  constructor(events: ReaderEvents) {
    this.#events = events;
  }

  /** Null until the database has answered once. */
  get ring(): EventRing | null {
    return this.#ring;
  }

  /** Starts reading where it stopped. Does nothing while it runs. */
  start(): void {
    if (this.#running !== null) return;
    const run = Symbol("run");
    this.#running = run;
    void this.#loop(run);
  }

  stop(): void {
    this.#running = null;
  }

  /** Makes the ring reach back to `place`, with one read for all who ask at once. Leaves it as it is when that is too far. */
  backfill(place: Place): Promise<void> {
    this.#backfill = this.#backfill.then(() => this.#readBack(place)).catch(() => undefined);
    return this.#backfill;
  }

  async #loop(run: symbol): Promise<void> {
    let pulsedAt = 0;
    while (this.#running === run) {
      let pause = POLL_MS;
      try {
        if (Date.now() - pulsedAt >= PULSE_MS || this.#ring === null) {
          await this.#pulse();
          pulsedAt = Date.now();
        }
        if (this.#running !== run) return;
        if (await this.#readOn()) pause = 0;
      } catch (error) {
        if (this.#running !== run) return;
        this.#events.onProblem(problemOf(error));
        pause = RETRY_MS;
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  async #pulse(): Promise<void> {
    const { rows } = await pool().query({ name: "live-pulse", text: SQL["pulse.read"] });
    const row = PulseRow.parse(rows[0]);
    const head: Place = { incarnation: row.incarnation, xid: BigInt(row.head_xid), id: BigInt(row.head_id) };
    const known = this.#ring;
    if (known === null || known.head.incarnation !== head.incarnation) {
      this.#ring = new EventRing(head, RING);
      if (known !== null) this.#events.onRestart();
    }
    this.#events.onPulse({ now: row.now, heldEvents: row.held_events, heldBy: row.held_by, leases: row.leases });
  }

  /** True when there is more to read. */
  async #readOn(): Promise<boolean> {
    const ring = this.#ring;
    if (ring === null) return false;
    const events = await readAfter(ring.head, BATCH);
    if (events.length === 0 && !this.#isBehind) return false;
    this.#isBehind = events.length === BATCH;
    ring.push(events);
    this.#events.onEvents(events, this.#isBehind);
    return this.#isBehind;
  }

  async #readBack(place: Place): Promise<void> {
    const ring = this.#ring;
    if (ring === null || !("missing" in ring.after(place))) return;
    const found: StoredEvent[] = [];
    let from = place;
    while (found.length < RING) {
      const events = await readAfter(from, BATCH);
      const last = events.at(-1);
      for (const event of events) {
        if (
          event.place.xid > ring.floor.xid ||
          (event.place.xid === ring.floor.xid && event.place.id > ring.floor.id)
        ) {
          ring.prepend(place, found);
          return;
        }
        found.push(event);
      }
      if (last === undefined || events.length < BATCH) {
        ring.prepend(place, found);
        return;
      }
      from = last.place;
    }
  }
}

async function readAfter(place: Place, limit: number): Promise<readonly StoredEvent[]> {
  const { rows } = await pool().query({
    name: "live-events",
    text: SQL["event.list-after"],
    values: [String(place.xid), String(place.id), limit],
  });
  return z
    .array(EventRow)
    .parse(rows)
    .map((row) => storeEvent(row, place.incarnation));
}

function storeEvent(row: z.infer<typeof EventRow>, incarnation: number): StoredEvent {
  const place: Place = { incarnation, xid: BigInt(row.xid), id: BigInt(row.id) };
  if (row.entity === null) return { place, json: null };
  const { xid: _, id, ...fields } = row;
  return { place, json: JSON.stringify({ cursor: formatCursor(place), id: Number(id), ...fields }) };
}
