/** The sentence at the top of `/`: who works, what has stopped, what waits for a person, what is proven, how fresh this is. */
import { formatCount, plural } from "./numbers.ts";
import { formatDuration } from "./times.ts";

export interface SentenceFacts {
  /** Agents with at least one claim that still holds. */
  readonly agents: number;
  /** Work claims and review claims that still hold, cold ones left out. */
  readonly onTasks: number;
  readonly onReviews: number;
  /** Claims without a heartbeat for half a lease, or past their lease. */
  readonly cold: number;
  /** Blocked tasks that only a person can move. */
  readonly waitsForPerson: number;
  readonly done: number;
  /** Tasks that count: all but the cancelled. */
  readonly tasks: number;
  /** Seconds since the newest event; null when there has been none. */
  readonly lastEventSeconds: number | null;
}

/** What a linked part is about; its underline is the legend. */
export type SentenceMark = "open" | "cold" | "person" | "verified";

export interface SentencePart {
  readonly text: string;
  /** Seconds since the newest event: on a live page it goes on counting. */
  readonly isAge?: true;
  /** A part with a target is a link. */
  readonly href?: string;
  readonly mark?: SentenceMark;
}

/** The parts in order; joined they read as plain text. */
export function nowSentence(facts: SentenceFacts): readonly SentencePart[] {
  if (facts.tasks === 0) return [{ text: "The board is empty. No task has been written yet." }];
  return [...claimParts(facts), ...coldParts(facts), ...personParts(facts), ...doneParts(facts), ...freshParts(facts)];
}

function claimParts({ agents, onTasks, onReviews }: SentenceFacts): readonly SentencePart[] {
  if (onTasks + onReviews === 0) return [{ text: "No claim is held." }];
  const who: SentencePart = { text: plural(agents, "agent"), href: "/#alive", mark: "open" };
  const hold = agents === 1 ? " holds" : " hold";
  const tasks: SentencePart = {
    text: `${formatCount(onTasks)} on ${onTasks === 1 ? "a task" : "tasks"}`,
    href: "/board#progress",
    mark: "open",
  };
  const reviews: SentencePart = {
    text: `${formatCount(onReviews)} on ${onReviews === 1 ? "a review" : "reviews"}`,
    href: "/board#review",
    mark: "open",
  };
  const claims = onTasks + onReviews === 1 ? " a live claim: " : " live claims: ";
  const kinds = [...(onTasks > 0 ? [tasks] : []), ...(onReviews > 0 ? [reviews] : [])];
  return [
    who,
    { text: hold + claims },
    ...kinds.flatMap((kind, at) => (at === 0 ? [kind] : [{ text: ", " }, kind])),
    { text: "." },
  ];
}

function coldParts({ cold }: SentenceFacts): readonly SentencePart[] {
  if (cold === 0) return [];
  return [
    { text: " " },
    { text: plural(cold, "claim"), href: "/#alive", mark: "cold" },
    { text: cold === 1 ? " has gone cold." : " have gone cold." },
  ];
}

function personParts({ waitsForPerson }: SentenceFacts): readonly SentencePart[] {
  if (waitsForPerson === 0) return [];
  const verb = waitsForPerson === 1 ? " waits for a person." : " wait for a person.";
  return [{ text: " " }, { text: plural(waitsForPerson, "task"), href: "/#attention", mark: "person" }, { text: verb }];
}

function doneParts({ done, tasks }: SentenceFacts): readonly SentencePart[] {
  const text = `${formatCount(done)} of ${formatCount(tasks)}`;
  return [
    { text: " " },
    { text, href: "/board#done", mark: "verified" },
    { text: done === 1 ? " is verified." : " are verified." },
  ];
}

function freshParts({ lastEventSeconds }: SentenceFacts): readonly SentencePart[] {
  if (lastEventSeconds === null) return [];
  return [
    { text: " Last event " },
    { text: formatDuration(lastEventSeconds), href: "/#events", mark: "open", isAge: true },
    { text: " ago." },
  ];
}
