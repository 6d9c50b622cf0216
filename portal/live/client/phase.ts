/** What a page may say about its own freshness. Pure: the pill shows it, and says live only while the stream proves it. */

export type Phase =
  /** No script has run, or the stream brings no changes of this page: it stands as it was read. */
  | "still"
  | "connecting"
  | "live"
  | "held"
  | "catching_up"
  | "paused"
  /** The stream is open and says nothing. */
  | "stale"
  /** The portal does not answer. */
  | "offline"
  | "database_down";

export interface StreamFacts {
  readonly isPaused: boolean;
  /** False: the server keeps this page's view for nobody, so that nothing on it changes. */
  readonly hasView: boolean;
  /** "closed": tries again by itself. */
  readonly link: "none" | "opening" | "open" | "closed";
  /** Monotonic ms of the last message; null before the first. */
  readonly heardAt: number | null;
  /** Monotonic ms at which the link was lost or first tried. */
  readonly lostAt: number;
  readonly board: "starting" | "live" | "catching_up" | "held" | "database_down";
}

/** Two and a half heartbeats of the stream. */
export const SILENCE_MS = 25_000;
/** A link that comes back within this time was never worth a word. */
const BLINK_MS = 1_500;

export function phaseOf(facts: StreamFacts, now: number): Phase {
  if (facts.link === "none") return "still";
  const isBlink = facts.heardAt !== null && now - facts.lostAt < BLINK_MS;
  if (facts.link !== "open" && !isBlink) return offlineOr(facts, now);
  if (facts.heardAt === null || now - facts.heardAt >= SILENCE_MS) return "stale";
  if (facts.board === "database_down") return "database_down";
  if (facts.isPaused) return "paused";
  if (!facts.hasView) return "still";
  if (facts.board === "starting") return "connecting";
  return facts.board;
}

function offlineOr(facts: StreamFacts, now: number): Phase {
  return facts.link === "opening" && facts.heardAt === null && now - facts.lostAt < SILENCE_MS
    ? "connecting"
    : "offline";
}

/** A page in one of these phases may let its embers glow. */
export function isCurrent(phase: Phase): boolean {
  return phase === "live" || phase === "held" || phase === "catching_up" || phase === "connecting";
}
