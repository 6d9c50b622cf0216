import type { Knex, Logger } from "./directus-api.ts";

/** How soon a waiting agent hears of a change; one small query per process, and only while somebody waits. */
const POLL_MS = 100;
/** A lease that runs out writes no event until somebody looks: waiting agents look for themselves this often. */
const LOOK_ANYWAY_MS = 5000;
/** For so long after nobody waited what was seen last still counts: a woken agent looks for a task and is back long before. */
const MEMORY_MS = 2000;

export interface ReadyWatch {
  /** Resolves after the next change of the board, at latest after 5 s; rejects with the signal's reason. */
  change(signal: AbortSignal): Promise<void>;
}

/** One look at the newest event for any number of waiting agents, so that none of them holds a connection. */
export function openReadyWatch(database: Knex, logger: Logger): ReadyWatch {
  const waiting = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  let newest: unknown;
  let lookedAt = Number.NEGATIVE_INFINITY;

  const look = async () => {
    try {
      const found = await newestEvent(database);
      // The first look wakes as well: what happened between an agent's last claim and this look would be seen by nobody.
      if (found !== newest) for (const wake of [...waiting]) wake();
      newest = found;
    } catch (error) {
      // The agents' own calls will say what is wrong with the board.
      logger.error(error, "The newest event could not be read.");
    }
    lookedAt = performance.now();
    timer = undefined;
    arm();
  };
  const arm = () => {
    if (timer !== undefined || waiting.size === 0) return;
    if (performance.now() - lookedAt > MEMORY_MS) newest = undefined;
    timer = setTimeout(() => void look(), POLL_MS).unref();
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
