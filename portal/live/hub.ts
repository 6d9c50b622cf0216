/** Everything live of this process: one reader, the views that are watched, and those who watch. */
import type { BoardProblem } from "../data/board-health.ts";
import { pageSettings } from "../env.ts";
import { type LeaseBeat, liveState, nextChange } from "../view/live-ember.ts";
import { formatCursor, parseCursor } from "./cursor.ts";
import { formatEvents, formatFrame } from "./frames.ts";
import { EventReader, type Pulse } from "./reader.ts";
import { ReportWatch } from "./report-watch.ts";
import type { StoredEvent } from "./ring.ts";
import { type View, Views } from "./views.ts";

/** A message at least so often, with the board's clock in it: silence beyond it means that the stream is dead. */
export const HEARTBEAT_MS = 10_000;
/** The reader goes on for so long after the last watcher, so that a reload finds it running. */
const LINGER_MS = 30_000;

/** What a page shows was seen before the instant that it names, at most as long before as a statement may take (data/pool.ts). */
const READING_MS = 5_000;

const NOTHING = new Uint8Array(0);

export type BoardState =
  | { readonly state: "starting" }
  | { readonly state: "live" }
  | { readonly state: "catching_up" }
  /** A transaction of the process `pid` runs since before `events` changes: they are shown when it ends. */
  | { readonly state: "held"; readonly events: number; readonly pid: number | null }
  | { readonly state: "database_down"; readonly problem: BoardProblem; readonly since: number };

export interface Watcher {
  /** Null: its page is not one that is kept live, or there was no room for it. */
  readonly view: View | null;
  /** Its page could be live: it may ask again. */
  readonly lacksRoom: boolean;
  send(frame: Uint8Array): void;
}

export class Hub {
  readonly #reader = new EventReader({
    onEvents: (events, more) => this.#takeEvents(events, more),
    onPulse: (pulse) => this.#takePulse(pulse),
    onRestart: () => this.#restart(),
    onProblem: (problem) => this.#takeProblem(problem),
  });
  readonly #watchers = new Set<Watcher>();
  readonly views = new Views();
  readonly #reports = new ReportWatch();
  #state: BoardState = { state: "starting" };
  #leases = new Map<number, LeaseBeat>();
  #clock: { readonly board: number; readonly read: number } | null = null;
  /** Since when every change is heard of, monotonic ms. */
  #awakeSince = Number.POSITIVE_INFINITY;
  #sentAt = 0;
  #isBehind = false;
  #hasBeats = false;
  #beatsDrawnAt = Number.NEGATIVE_INFINITY;
  #lingering: NodeJS.Timeout | undefined;

  get watchers(): number {
    return this.#watchers.size;
  }

  get state(): BoardState {
    return this.#state;
  }

  /** Cursor of the newest event that may be seen; null before the first answer of the database. */
  get cursor(): string | null {
    const ring = this.#reader.ring;
    return ring === null ? null : formatCursor(ring.told);
  }

  /** Keeps the reader running for a while: somebody polls. */
  stayAwake(): void {
    if (this.#lingering === undefined && this.#watchers.size === 0) this.#forget();
    clearTimeout(this.#lingering);
    this.#lingering = undefined;
    this.#reader.start();
    if (this.#watchers.size > 0) return;
    this.#lingering = setTimeout(() => {
      this.#lingering = undefined;
      if (this.#watchers.size === 0) this.#reader.stop();
    }, LINGER_MS);
    this.#lingering.unref();
  }

  /** Nothing was read for a while: no clock, no lease and no view of that time is told as if it were of now. */
  #forget(): void {
    this.views.forget();
    this.#state = { state: "starting" };
    this.#clock = null;
    this.#leases = new Map();
  }

  /** Ends reading at once; whoever joins next starts it again. */
  stop(): void {
    clearTimeout(this.#lingering);
    this.#lingering = undefined;
    this.#reader.stop();
  }

  /**
   * Adds a watcher and brings it up to date: the events after its cursor, then its view when that is newer than its page.
   * `lastEventId` null: from now on. Answers a function that takes the watcher out again.
   */
  async join(watcher: Watcher, lastEventId: string | null, stamp: string | null): Promise<() => void> {
    this.stayAwake();
    watcher.send(this.#hello(watcher));
    if (watcher.view !== null) watcher.view.coming += 1;
    if (lastEventId !== null) await this.#reachBack(lastEventId);
    if (watcher.view !== null) watcher.view.coming -= 1;
    // What was told to the others meanwhile.
    if (lastEventId !== null) watcher.send(this.#hello(watcher));
    // No wait from here on: what comes after the answer reaches the watcher by the ordinary way, once.
    if (lastEventId !== null) watcher.send(this.#resume(lastEventId));
    this.#watchers.add(watcher);
    watcher.view?.watchers.add(watcher);
    clearTimeout(this.#lingering);
    this.#lingering = undefined;
    if (watcher.view !== null) this.views.bring(watcher.view, watcher, stamp, this.#isOfNow(stamp));
    return () => {
      this.#watchers.delete(watcher);
      watcher.view?.watchers.delete(watcher);
      watcher.view?.behind.delete(watcher);
      if (watcher.view !== null) watcher.view.usedAt = Date.now();
      if (this.#watchers.size === 0) this.stayAwake();
    };
  }

  /** Events after a cursor as JSON texts, for those who poll. Null: too old or unknown. */
  async eventsAfter(cursor: string): Promise<readonly StoredEvent[] | null> {
    await this.#reachBack(cursor);
    const place = parseCursor(cursor);
    const answer = place === null ? undefined : this.#reader.ring?.after(place);
    return answer !== undefined && "found" in answer ? answer.found : null;
  }

  /** The board's clock now, in ms since 1970; null before the first answer. */
  boardNow(): number | null {
    return this.#clock === null ? null : this.#clock.board + (performance.now() - this.#clock.read);
  }

  leases(): readonly LeaseBeat[] {
    return [...this.#leases.values()];
  }

  #hello(watcher: Watcher): Uint8Array {
    return formatFrame(
      "hello",
      JSON.stringify({
        now: this.boardNow(),
        cursor: this.cursor,
        heartbeatMs: HEARTBEAT_MS,
        build: pageSettings().build,
        hasView: watcher.view !== null,
        lacksRoom: watcher.lacksRoom,
        state: this.#state,
        leases: this.leases(),
      }),
    );
  }

  /** Waits until the ring reaches back to the cursor, or until it is certain that it will not. */
  async #reachBack(lastEventId: string): Promise<void> {
    const place = parseCursor(lastEventId);
    if (place === null) return;
    // A process that has just started does not know where the trail ends yet.
    for (let tries = 0; this.#reader.ring === null && tries < 40; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const answer = this.#reader.ring?.after(place);
    if (answer !== undefined && "missing" in answer && answer.missing === "too_old") await this.#reader.backfill(place);
  }

  /** The missed events, or `reset` when they cannot be had. */
  #resume(lastEventId: string): Uint8Array {
    const place = parseCursor(lastEventId);
    const answer = place === null ? undefined : this.#reader.ring?.after(place);
    if (answer === undefined) return formatFrame("reset", '{"reason":"unknown"}');
    if ("missing" in answer) return formatFrame("reset", JSON.stringify({ reason: answer.missing }));
    return formatEvents(answer.found) ?? NOTHING;
  }

  /** Nothing was heard of since the page was read: to render it again would tell its reader nothing. */
  #isOfNow(stamp: string | null): boolean {
    const now = this.boardNow();
    const readAt = Date.parse(stamp ?? "");
    if (now === null || Number.isNaN(readAt)) return false;
    const quietSince = Math.max(this.#awakeSince, this.views.touchedAt);
    return performance.now() - quietSince > now - readAt + READING_MS;
  }

  #takeEvents(events: readonly StoredEvent[], more: boolean): void {
    this.#isBehind = more;
    if (more) this.#setState({ state: "catching_up" });
    const frame = formatEvents(events);
    if (frame !== null) this.#broadcast(frame);
    if (events.some(({ json }) => json !== null)) this.views.touchAll();
  }

  #takePulse(pulse: Pulse): void {
    // The instant of the pulse before, not what it would be by now: between the two a claim may have cooled.
    const before = this.#clock?.board ?? null;
    const wasDown = this.#state.state === "database_down";
    if (this.#clock === null) this.#awakeSince = performance.now();
    this.#clock = { board: pulse.now.getTime(), read: performance.now() };
    const changed = pulse.leases.filter((lease) => !isSameLease(lease, this.#leases.get(lease[0])));
    const gone = [...this.#leases.keys()].filter((task) => !pulse.leases.some(([held]) => held === task));
    const isOver =
      before !== null && [...this.#leases.values()].some((l) => nextChange(l, before) <= pulse.now.getTime());
    const isWarmAgain = before !== null && changed.some((lease) => isWarmer(lease, this.#leases.get(lease[0]), before));
    this.#leases = new Map(pulse.leases.map((lease) => [lease[0], lease]));
    this.#setState(stateOf(pulse, this.#isBehind));
    if (changed.length > 0 || gone.length > 0 || isOver || performance.now() - this.#sentAt >= HEARTBEAT_MS) {
      this.#broadcast(formatFrame("pulse", JSON.stringify({ now: pulse.now.getTime(), leases: changed, gone })));
    }
    // The sentence and the counts move with a claim that cools, or beats again, though no event says so.
    if (isOver || isWarmAgain || wasDown) this.views.touchAll(wasDown);
    this.views.touchDue(pulse.now.getTime());
    this.#drawBeats(changed.length > 0);
    void this.#lookAtReport(pulse.now);
  }

  /** The timeline draws where the last heartbeats and now are; a fleet that beats must not have it rendered all the time. */
  #drawBeats(isNew: boolean): void {
    this.#hasBeats ||= isNew;
    if (!this.#hasBeats || performance.now() - this.#beatsDrawnAt < HEARTBEAT_MS) return;
    this.#hasBeats = false;
    this.#beatsDrawnAt = performance.now();
    this.views.touchAt("/timeline");
  }

  async #lookAtReport(now: Date): Promise<void> {
    if (await this.#reports.look(now)) this.views.touchAll();
  }

  #takeProblem(problem: BoardProblem): void {
    const since = this.#state.state === "database_down" ? this.#state.since : (this.boardNow() ?? Date.now());
    this.#setState({ state: "database_down", problem, since });
    if (performance.now() - this.#sentAt >= HEARTBEAT_MS) this.#broadcast(this.#stateFrame());
  }

  #restart(): void {
    this.#broadcast(formatFrame("reset", '{"reason":"incarnation"}'));
    this.views.touchAll();
  }

  #setState(state: BoardState): void {
    const isSame = JSON.stringify(state) === JSON.stringify(this.#state);
    this.#state = state;
    if (!isSame) this.#broadcast(this.#stateFrame());
  }

  #stateFrame(): Uint8Array {
    return formatFrame("state", JSON.stringify(this.#state));
  }

  #broadcast(frame: Uint8Array): void {
    this.#sentAt = performance.now();
    for (const watcher of this.#watchers) watcher.send(frame);
  }
}

function stateOf({ heldEvents, heldBy }: Pulse, isBehind: boolean): BoardState {
  if (isBehind) return { state: "catching_up" };
  return heldEvents > 0 ? { state: "held", events: heldEvents, pid: heldBy } : { state: "live" };
}

/** A claim that was told to have cooled, and has beaten since. */
function isWarmer(now: LeaseBeat, before: LeaseBeat | undefined, readAt: number): boolean {
  return before !== undefined && now[1] === before[1] && liveState(before, readAt, readAt) !== "fresh";
}

function isSameLease(a: LeaseBeat, b: LeaseBeat | undefined): boolean {
  return b !== undefined && a.every((value, at) => value === b[at]);
}

/** Route handlers are separate bundles of one process; a global symbol lets them share the hub. */
const SLOT: unique symbol = Symbol.for("muster.portal.hub");
const slots: typeof globalThis & { [SLOT]?: Hub } = globalThis;

export function hub(): Hub {
  slots[SLOT] ??= new Hub();
  return slots[SLOT];
}
