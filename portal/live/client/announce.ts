/** When a screen reader is told how fresh the page is: on a change only, politely, and seldom. Pure; all times are monotonic ms. */
import { formatCount } from "../../view/numbers.ts";
import { PHASE_HINTS, PHASE_WORDS } from "./freshness-words.ts";
import type { LiveFacts } from "./store.ts";

type TellingFacts = Pick<LiveFacts, "phase" | "waiting">;

export interface Told {
  readonly phase: TellingFacts["phase"];
  readonly waiting: number;
  readonly at: number;
}

/** A page that becomes live after it was loaded is what everybody expects: no word of it. */
export const NOTHING_TOLD: Told = { phase: "live", waiting: 0, at: Number.NEGATIVE_INFINITY };

/** Between two announcements; what happens meanwhile is told in one. */
const APART_MS = 10_000;
/** What is over sooner was never worth a word. */
const SETTLED_MS = 1_000;

/**
 * How long to wait before telling, if nothing changes until then; null: there is nothing to tell.
 * @param since when the page came into this phase
 */
export function tellIn(told: Told, { phase, waiting }: TellingFacts, since: number, now: number): number | null {
  if (phase === "connecting") return null;
  // Going on after a pause is news; that nothing waits any more is not.
  if (phase === told.phase && (waiting === told.waiting || waiting === 0)) return null;
  return Math.max(0, since + SETTLED_MS - now, told.at + APART_MS - now);
}

export function wordsOf(facts: LiveFacts): string {
  const { phase, waiting } = facts;
  const news = waiting > 0 ? ` ${formatCount(waiting)} new.` : "";
  const version = facts.isOtherBuild ? " The portal has a new version." : "";
  return `${PHASE_WORDS[phase]}.${news} ${PHASE_HINTS[phase](facts)}${version}`;
}
