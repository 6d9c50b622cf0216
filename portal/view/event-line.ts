/** One event as a line of the tail. */
import { eventLook, type StateLook } from "./states.ts";

export interface EventFacts {
  readonly entity: string;
  readonly kind: string;
  readonly epoch: number | null;
  readonly task_title: string | null;
  readonly changed: readonly string[] | null;
}

export interface EventWords {
  readonly look: StateLook;
  readonly text: string;
}

const ENTITIES: Readonly<Record<string, StateLook>> = {
  os_notes: { glyph: "note", tone: "ink", word: "note" },
  os_verifications: { glyph: "review", tone: "review", word: "check" },
  os_receipts: { glyph: "verified", tone: "verified", word: "receipt" },
  os_task_dependencies: { glyph: "chain", tone: "ink", word: "link" },
  os_reservations: { glyph: "fence", tone: "ink", word: "reserve" },
};

/** Kinds whose epoch says something new. */
const NAMES_EPOCH = new Set(["claimed", "taken_over", "review_claimed"]);
const MAX_COLUMNS = 4;

export function eventWords({ entity, kind, epoch, task_title: title, changed }: EventFacts): EventWords {
  if (entity !== "os_tasks") {
    const look = ENTITIES[entity] ?? { ...eventLook(kind), word: kind };
    return { look, text: title ?? entity.replace(/^os_/, "").replaceAll("_", " ") };
  }
  const details = [
    ...(NAMES_EPOCH.has(kind) && epoch !== null ? [`epoch ${epoch}`] : []),
    ...(kind === "edited" ? [columnsOf(changed ?? [])] : []),
  ].filter((detail) => detail !== "");
  return { look: eventLook(kind), text: [title ?? "", ...details].join(", ") };
}

function columnsOf(changed: readonly string[]): string {
  const shown = changed.filter((column) => !/^(date_|user_|version$)/.test(column));
  return shown.slice(0, MAX_COLUMNS).join(", ") + (shown.length > MAX_COLUMNS ? ", …" : "");
}

const LAST_WORDS: Readonly<Record<string, string>> = {
  review_claimed: "review claimed",
  taken_over: "taken over",
  renewed: "lease renewed",
  edited: "row edited",
};

/** What last happened to a held task, in two words. */
export function lastWords(kind: string | null): string {
  if (kind === null) return "";
  return LAST_WORDS[kind] ?? kind.replaceAll("_", " ");
}
