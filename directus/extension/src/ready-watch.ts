import type { Knex, Logger } from "./directus-api.ts";

/** How soon a waiting agent hears of a change; one small query per process, and only while somebody waits. */
const POLL_MS = 300;
/** A lease that runs out writes no event until somebody looks: waiting agents look for themselves this often. */
const LOOK_ANYWAY_MS = 5000;

export interface ReadyWatch {
  /** Resolves after the next change of the board, at latest after 5 s; rejects with the signal's reason. */
  change(signal: AbortSignal): Promise<void>;
}

/** One look at the newest event for any number of waiting agents, so that none of them holds a connection. */
export function openReadyWatch(database: Knex, logger: Logger): ReadyWatch {
  const waiting = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  let newest: unknown;

  const look = async () => {
    try {
      const found = await newestEvent(database);
      if (newest !== undefined && found !== newest) for (const wake of [...waiting]) wake();
      newest = found;
    } catch (error) {
      // The agents' own calls will say what is wrong with the board.
      logger.error(error, "The newest event could not be read.");
    }
    timer = undefined;
    arm();
  };
  const arm = () => {
    if (timer === undefined && waiting.size > 0) timer = setTimeout(() => void look(), POLL_MS).unref();
    // Nobody waits: what happens until somebody does is none of their news.
    if (waiting.size === 0) newest = undefined;
  };
  return {
    change(signal) {
      return new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const end = (settle: () => void) => () => {
          waiting.delete(wake);
          clearTimeout(anyway);
          signal.removeEventListener("abort", abort);
          settle();
        };
        const wake = end(resolve);
        const abort = end(() => reject(signal.reason));
        const anyway = setTimeout(wake, LOOK_ANYWAY_MS);
        signal.addEventListener("abort", abort);
        waiting.add(wake);
        arm();
      });
    },
  };
}

async function newestEvent(database: Knex): Promise<unknown> {
  const [row] = asList(await database.withSchema("public").from("os_events").max("id"));
  return typeof row === "object" && row !== null ? Object.values(row)[0] : null;
}

function asList(rows: unknown): readonly unknown[] {
  return Array.isArray(rows) ? rows : [];
}
