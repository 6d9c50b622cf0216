/** How fresh a page is, in words: for the pill, and for those who cannot see it. */
import { formatClock } from "../../view/times.ts";
import type { Phase } from "./phase.ts";
import type { LiveFacts } from "./store.ts";

export const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  still: "Read",
  connecting: "Connecting",
  live: "Live",
  held: "Live, held back",
  catching_up: "Catching up",
  paused: "Paused",
  stale: "Stale",
  offline: "Offline",
  database_down: "Database down",
};

export const PHASE_HINTS: Readonly<Record<Phase, (facts: LiveFacts) => string>> = {
  still: () => "Nothing on this page changes by itself now. It shows the board as it was at that time.",
  connecting: () => "The stream of changes is being opened.",
  live: () => "Changes show as they happen. The stream proves itself every ten seconds.",
  held: ({ heldBy }) =>
    `Newer events wait for a transaction that is still open${heldBy === null ? "" : ` in process ${heldBy} of the database`}. None is skipped.`,
  catching_up: () => "More events came than could be shown at once. They are being read in order.",
  paused: () => "Nothing on this page changes until it goes on.",
  stale: () => "The stream is open but silent, so nothing here counts as current. It is being opened anew.",
  offline: () => "The portal does not answer. What you see is as old as its time says. It keeps trying.",
  database_down: ({ downSince }) =>
    `The portal answers, but the board cannot be read${downSince === null ? "" : ` since ${formatClock(new Date(downSince))} UTC`}. This is the last reading. It goes on by itself.`,
};
