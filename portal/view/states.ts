/** State = colour + glyph + word, always all three. One table, so that no page invents a fourth way to say "done". */

export const GLYPHS = [
  "ready",
  "triage",
  "held",
  "cooling",
  "cold",
  "review",
  "blocked",
  "verified",
  "failed",
  "unknown",
  "cancelled",
  "person",
  "fence",
  "stream",
  "commit",
  "note",
  "arrow",
  "search",
  "theme",
  "chain",
] as const;
export type Glyph = (typeof GLYPHS)[number];

/** Colour roles of tokens.css that a state may wear; "ink" and "quiet" say nothing by themselves. */
export type Tone = "ready" | "review" | "blocked" | "verified" | "failed" | "cold" | "ink" | "unknown";

export interface StateLook {
  readonly glyph: Glyph;
  readonly tone: Tone;
  readonly word: string;
}

const UNKNOWN: StateLook = { glyph: "unknown", tone: "unknown", word: "unknown" };

const TASK_STATUS: Readonly<Record<string, StateLook>> = {
  triage: { glyph: "triage", tone: "ready", word: "triage" },
  ready: { glyph: "ready", tone: "ready", word: "ready" },
  in_progress: { glyph: "held", tone: "ink", word: "in progress" },
  blocked: { glyph: "blocked", tone: "blocked", word: "blocked" },
  in_review: { glyph: "review", tone: "review", word: "in review" },
  done: { glyph: "verified", tone: "verified", word: "verified" },
  cancelled: { glyph: "cancelled", tone: "cold", word: "cancelled" },
};

const BLOCK: Readonly<Record<string, StateLook>> = {
  blocked: { glyph: "blocked", tone: "blocked", word: "blocked" },
  dependency: { glyph: "blocked", tone: "blocked", word: "dependency" },
  needs_human: { glyph: "person", tone: "blocked", word: "needs you" },
  capability: { glyph: "blocked", tone: "blocked", word: "capability" },
  transient: { glyph: "blocked", tone: "blocked", word: "retries later" },
  quarantined: { glyph: "blocked", tone: "blocked", word: "quarantined" },
};

const VERDICT: Readonly<Record<string, StateLook>> = {
  pass: { glyph: "verified", tone: "verified", word: "passed" },
  fail: { glyph: "failed", tone: "failed", word: "failed" },
  inconclusive: { glyph: "unknown", tone: "unknown", word: "inconclusive" },
};

const CLAIM_END: Readonly<Record<string, StateLook>> = {
  submitted: { glyph: "arrow", tone: "ink", word: "submitted" },
  verdict: { glyph: "review", tone: "review", word: "judged" },
  released: { glyph: "ready", tone: "ready", word: "released" },
  expired: { glyph: "cold", tone: "cold", word: "expired" },
  blocked: { glyph: "blocked", tone: "blocked", word: "blocked" },
  fenced: { glyph: "fence", tone: "failed", word: "fenced off" },
};

const EVENT: Readonly<Record<string, StateLook>> = {
  created: { glyph: "triage", tone: "ink", word: "new" },
  accepted: { glyph: "ready", tone: "ink", word: "accept" },
  claimed: { glyph: "held", tone: "ink", word: "claim" },
  taken_over: { glyph: "held", tone: "ink", word: "takeover" },
  renewed: { glyph: "held", tone: "ink", word: "renew" },
  review_claimed: { glyph: "review", tone: "review", word: "review" },
  review_released: { glyph: "review", tone: "review", word: "let go" },
  released: { glyph: "ready", tone: "ink", word: "release" },
  requeued: { glyph: "ready", tone: "ink", word: "requeue" },
  submitted: { glyph: "arrow", tone: "ink", word: "submit" },
  blocked: { glyph: "blocked", tone: "blocked", word: "block" },
  unblocked: { glyph: "ready", tone: "ink", word: "unblock" },
  verified: { glyph: "verified", tone: "verified", word: "verify" },
  rejected: { glyph: "failed", tone: "failed", word: "reject" },
  quarantined: { glyph: "blocked", tone: "blocked", word: "stop" },
  cancelled: { glyph: "cancelled", tone: "cold", word: "cancel" },
  reopened: { glyph: "ready", tone: "ink", word: "reopen" },
  edited: { glyph: "commit", tone: "ink", word: "edit" },
};

const RELEASE: Readonly<Record<string, StateLook>> = {
  planned: { glyph: "ready", tone: "ready", word: "planned" },
  released: { glyph: "verified", tone: "verified", word: "released" },
};

/** A value that this table does not know is shown as unknown with its own word, never guessed. */
function lookIn(table: Readonly<Record<string, StateLook>>, value: string): StateLook {
  return table[value] ?? { ...UNKNOWN, word: value.replaceAll("_", " ") };
}

export const taskLook = (status: string): StateLook => lookIn(TASK_STATUS, status);
export const blockLook = (type: string | null): StateLook => lookIn(BLOCK, type ?? "blocked");
export const verdictLook = (verdict: string): StateLook => lookIn(VERDICT, verdict);
export const releaseLook = (status: string): StateLook => lookIn(RELEASE, status);
export const eventLook = (kind: string): StateLook => lookIn(EVENT, kind);

/** How a claim ended; an outcome says more than the end where there is one. */
export function claimLook(endedBy: string | null, outcome: string | null, kind: string): StateLook {
  if (endedBy === null)
    return kind === "review"
      ? { glyph: "review", tone: "review", word: "in review" }
      : { glyph: "held", tone: "ink", word: "in progress" };
  if (outcome === "accepted") return { glyph: "verified", tone: "verified", word: "accepted" };
  if (outcome === "rework") return { glyph: "failed", tone: "failed", word: "sent back" };
  return lookIn(CLAIM_END, endedBy);
}
