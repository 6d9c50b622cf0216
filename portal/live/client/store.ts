/** What the stream last said, for the parts of the page that show it. */
import type { Phase } from "./phase.ts";

export interface LiveFacts {
  readonly phase: Phase;
  /** When the rows on this page were read, ms since 1970 by the board's clock; null until the stream brought newer ones. */
  readonly readAt: number | null;
  readonly eventId: number | null;
  /** Events that came while the page is paused. */
  readonly waiting: number;
  readonly heldBy: number | null;
  /** Since when the board cannot be read, ms since 1970. */
  readonly downSince: number | null;
  /** The portal was replaced since this page was loaded. */
  readonly isOtherBuild: boolean;
}

const NOTHING: LiveFacts = {
  ...{ phase: "still", readAt: null, eventId: null, waiting: 0, heldBy: null, downSince: null },
  isOtherBuild: false,
};

let facts: LiveFacts = NOTHING;
const listeners = new Set<() => void>();

export function readLive(): LiveFacts {
  return facts;
}

/** On the server, and until the page is hydrated. */
export function readStill(): LiveFacts {
  return NOTHING;
}

export function writeLive(change: Partial<LiveFacts>): void {
  const isSame = Object.entries(change).every(([name, value]) => Object.is(Reflect.get(facts, name), value));
  if (isSame) return;
  facts = { ...facts, ...change };
  for (const listener of listeners) listener();
}

export function subscribeLive(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
