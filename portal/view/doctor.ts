/** Doctor's report as people read it: green, red, and grey once a green is older than its time to live. */
import type { StateLook } from "./states.ts";

export type Verdict = "green" | "red" | "warning" | "limit" | "expired" | "skipped";

export interface CheckFacts {
  readonly id: string;
  readonly status: "pass" | "fail" | "warn" | "info" | "skip" | "error";
  readonly at: Date;
  readonly ttl_s: number;
}

const BY_STATUS: Readonly<Record<CheckFacts["status"], Verdict>> = {
  pass: "green",
  fail: "red",
  error: "red",
  warn: "warning",
  info: "limit",
  skip: "skipped",
};

/** Only a green fades: a red stays red until somebody proves otherwise. */
export function verdictOf({ status, at, ttl_s }: CheckFacts, now: Date): Verdict {
  const verdict = BY_STATUS[status];
  return verdict === "green" && now.getTime() >= expiryOf({ at, ttl_s }) ? "expired" : verdict;
}

/** From this instant on a green counts no longer, ms since 1970: its age in whole seconds is above its time to live. */
function expiryOf({ at, ttl_s }: Pick<CheckFacts, "at" | "ttl_s">): number {
  return at.getTime() + (ttl_s + 0.5) * 1000;
}

/** When the next green expires, ms since 1970; Infinity when none will. */
export function nextExpiry(checks: readonly CheckFacts[], now: Date): number {
  const greens = checks.filter((check) => verdictOf(check, now) === "green");
  return Math.min(...greens.map(expiryOf), Number.POSITIVE_INFINITY);
}

export const VERDICT_LOOKS: Readonly<Record<Verdict, StateLook>> = {
  green: { glyph: "verified", tone: "verified", word: "green" },
  red: { glyph: "failed", tone: "failed", word: "red" },
  warning: { glyph: "blocked", tone: "blocked", word: "warning" },
  limit: { glyph: "note", tone: "ready", word: "known limit" },
  expired: { glyph: "unknown", tone: "unknown", word: "expired" },
  skipped: { glyph: "cancelled", tone: "cold", word: "skipped" },
};

const GROUPS: Readonly<Record<string, string>> = {
  HOST: "Host",
  CONF: "Settings",
  PORT: "Ports",
  ID: "Identity",
  PG: "Board",
  DIR: "Directus",
  MCP: "MCP",
  RAG: "Search",
  EMB: "Driver",
  DOCK: "Containers",
  IMG: "Images",
  NET: "Network",
  TLS: "TLS",
  TRAIL: "Checkpoints",
  OPS: "Operations",
  SEED: "Seed",
  WIRE: "Wiring",
  CON: "Constitution",
  "PORT-UI": "Portal",
  LOOP: "Loop",
  SEC: "Security",
};

/** "PG-04" → "Board"; a group that this table does not know keeps its own name. */
export function groupOf(id: string): string {
  const group = id.replace(/-[^-]*$/, "");
  return GROUPS[group] ?? group;
}

export interface DoctorCounts {
  readonly green: number;
  readonly red: number;
  readonly warning: number;
  readonly expired: number;
  /** Known limits and skipped checks: they prove nothing and fail nothing. */
  readonly other: number;
  readonly all: number;
}

export function countVerdicts(verdicts: readonly Verdict[]): DoctorCounts {
  const count = (...wanted: readonly Verdict[]) => verdicts.filter((verdict) => wanted.includes(verdict)).length;
  return {
    green: count("green"),
    red: count("red"),
    warning: count("warning"),
    expired: count("expired"),
    other: count("limit", "skipped"),
    all: verdicts.length,
  };
}
