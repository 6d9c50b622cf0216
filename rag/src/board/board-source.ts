import type { FastifyBaseLogger } from "fastify";
import type { Library } from "../library.ts";
import type { OutsideSource } from "../outside-source.ts";
import type { Change } from "../persistence/change-log.ts";
import { type BoardReader, formatPlace, type Place, parsePlace, type TrailEvent } from "./board-reader.ts";
import { citeOf, taskNumber, taskPath, toTaskDocument } from "./task-document.ts";

/** A look at the trail costs the database one index probe. */
const POLL_MS = 500;
const RETRY_MS = 1_000;
/** Whole-board look on top of the trail: which tasks may be seen changes without an event that we may see. */
const LOOK_EVERY_MS = 60_000;
/** Without anything to take in, the place is kept this often: a restart reads a little again. */
const MARK_EVERY_MS = 30_000;
const EVENTS = 500;
/** Below the number of changes that make the index write a whole generation. */
const TASKS = 50;

const NAME = "board";
/** Events of these change the text of many tasks at once. */
const WIDE: ReadonlySet<string> = new Set(["os_projects", "os_phases"]);

type Log = Pick<FastifyBaseLogger, "info" | "warn">;

export interface BoardSource extends OutsideSource {
  /** Begins to follow the board; once. */
  start(log: Log): void;
  /** Closes the reader, too. */
  stop(): Promise<void>;
}

/**
 * Takes the board's tasks into the library and follows its trail until it is stopped. A board that is away is tried again each second; what
 * was taken in stays indexed, and is shown to nobody while the board cannot say whether it may be.
 */
export function boardSource(library: Library, board: BoardReader): BoardSource {
  let place: Place | null = null;
  let reachable = true;
  let caughtUpAtMs: number | null = null;
  let lookDueMs = 0;
  let keptAtMs = 0;
  let log: Log = { info: () => undefined, warn: () => undefined };
  const stopped = new AbortController();

  const take = (changes: readonly Change[], now: Place | null): void => {
    const isNewBoard = now !== null && parsePlace(library.markOf(NAME))?.board !== now.board;
    const isDue = now !== null && (isNewBoard || changes.length > 0 || performance.now() - keptAtMs > MARK_EVERY_MS);
    if (isDue) keptAtMs = performance.now();
    if (changes.length === 0 && !isDue) return;
    library.take(isDue && now !== null ? [...changes, { op: "mark", name: NAME, mark: formatPlace(now) }] : changes);
  };

  /** Where those of these tasks stand that are indexed. */
  const pathsOf = (ids: readonly string[]): readonly string[] => {
    if (ids.length === 0) return [];
    const cites = new Set(ids.map(citeOf));
    return library.documentsOf(NAME).flatMap(({ source: { cite, path } }) => (cites.has(cite ?? "") ? path : []));
  };

  /** Reads these tasks again, in batches that other work fits between; those that may not be seen any more are removed. */
  const reread = async (ids: readonly string[], then: Place | null): Promise<void> => {
    for (let from = 0; from < ids.length && !stopped.signal.aborted; from += TASKS) {
      const batch = ids.slice(from, from + TASKS);
      const rows = await board.tasks(batch);
      const seen = new Set(rows.map(({ id }) => id));
      const documents = rows
        .map(toTaskDocument)
        .filter(({ path, sha256 }) => sha256 !== library.document(path)?.source.sha256);
      take(
        [
          ...documents.map((source): Change => ({ op: "put", source })),
          ...pathsOf(batch.filter((id) => !seen.has(id))).map((path): Change => ({ op: "remove", path })),
        ],
        from + TASKS >= ids.length ? then : null,
      );
    }
    if (ids.length === 0) take([], then);
  };

  /** Makes what is indexed the tasks that may be seen; `whole` reads each of them again. */
  const lookAround = async (whole: boolean, then: Place | null): Promise<void> => {
    const wanted = await board.taskIds();
    const paths = new Set(wanted.map(({ number }) => taskPath(number)));
    const extra = library.documentsOf(NAME).filter(({ source }) => !paths.has(source.path));
    take(
      extra.map(({ source }) => ({ op: "remove", path: source.path })),
      null,
    );
    const unread = whole ? wanted : wanted.filter(({ number }) => library.document(taskPath(number)) === null);
    await reread(
      unread.map(({ id }) => id),
      then,
    );
    lookDueMs = performance.now() + LOOK_EVERY_MS;
  };

  const readWhole = async (): Promise<void> => {
    const now = await board.findPlace();
    log.info({ board: now.board }, "reading the board");
    await lookAround(true, now);
    place = now;
  };

  const orient = async (): Promise<void> => {
    const now = await board.findPlace();
    const kept = place ?? parsePlace(library.markOf(NAME));
    if (kept?.board === now.board) {
      place = kept;
      await lookAround(false, null);
      return;
    }
    caughtUpAtMs = null;
    await readWhole();
  };

  const readOn = async (from: Place): Promise<void> => {
    const found = await board.eventsAfter(from, EVENTS);
    // So far behind, reading every task is less work than following what happened to each.
    if (found === "too many" || found.length === EVENTS) return readWhole();
    const settled = found.filter((event) => event.settled);
    const last = settled.at(-1);
    if (last !== undefined) {
      const at = { board: from.board, xid: last.xid, id: last.id };
      await followEvents(settled, at);
      place = at;
    }
    if (settled.length === found.length) caughtUpAtMs = performance.now();
  };

  const followEvents = async (events: readonly TrailEvent[], then: Place): Promise<void> => {
    if (events.some(({ entity }) => WIDE.has(entity))) await lookAround(true, then);
    else await reread([...new Set(events.flatMap(({ task }) => task ?? []))], then);
  };

  const run = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      try {
        if (place === null || performance.now() >= lookDueMs) await orient();
        if (place !== null) await readOn(place);
        if (!reachable) log.info("the board answers again");
        reachable = true;
      } catch (error) {
        if (reachable && !stopped.signal.aborted) log.warn({ err: error }, "the board cannot be read");
        reachable = false;
        // Who answers next may be another board.
        lookDueMs = 0;
      }
      await pause(reachable ? POLL_MS : RETRY_MS, stopped.signal);
    }
  };
  let running: Promise<void> = Promise.resolve();

  return {
    start(to) {
      log = to;
      running = run();
    },
    status: () => ({
      name: NAME,
      reachable,
      cursorLagMs: caughtUpAtMs === null ? null : Math.round(performance.now() - caughtUpAtMs),
      documents: library.countOf(NAME),
    }),
    async visible(paths) {
      const numbers = paths.flatMap((path) => taskNumber(path) ?? []);
      if (!reachable) return null;
      try {
        const seen = await board.visible(numbers);
        // What may not be seen any more has no place in the index.
        if (seen.size < new Set(numbers).size) lookDueMs = 0;
        return new Set(paths.filter((path) => seen.has(taskNumber(path) ?? -1)));
      } catch {
        // The loop finds out what is wrong, and says it; until then nothing of the board is shown.
        return null;
      }
    },
    async stop() {
      stopped.abort();
      await board.close();
      await running;
    },
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    const end = (): void => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener("abort", end, { once: true });
  });
}
