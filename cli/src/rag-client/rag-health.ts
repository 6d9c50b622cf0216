import { z } from "zod";
import { waitFor } from "../host/wait.ts";
import type { RagClient } from "./rag-client.ts";

/** What `GET /health` of the search service answers, as far as the CLI uses it. */
const healthSchema = z.object({
  status: z.enum(["ok", "degraded"]),
  reasons: z.array(z.string()),
  pid: z.number(),
  version: z.string(),
  started_at: z.string(),
  documents: z.object({ on_disk: z.number(), indexed: z.number() }),
  chunks: z.number(),
  last_sync_at: z.string().nullable(),
  watcher: z.string(),
  model: z.object({ id: z.string().nullable(), state: z.string() }),
  vectors: z.object({ held: z.number(), index: z.string(), pending: z.number(), oldest_pending_ms: z.number() }),
  kept: z.object({ on_disk: z.boolean(), generation: z.number(), failure: z.string().nullable() }),
  sources: z.array(z.object({ name: z.string(), reachable: z.boolean(), cursor_lag_ms: z.number().nullable() })),
  writes: z.object({ waiting: z.number(), oldest_waiting_ms: z.number(), refused: z.number() }),
  rss_mb: z.number(),
});

export type RagHealth = z.infer<typeof healthSchema>;

export interface ReasonRule {
  /** A warning says that what is searched is complete; everything else is a no. */
  readonly severity: "error" | "warning";
  /** It goes by itself within seconds; a look waits that long before it believes it. */
  readonly passes?: boolean;
  readonly next: string;
}

/** Every reason that the service can name, and what a person does about it. One that is not here is an error too. */
export const REASON_RULES: Readonly<Record<string, ReasonRule>> = {
  index_missing: { severity: "error", passes: true, next: "elk-os rag rebuild" },
  index_stale: { severity: "error", passes: true, next: "elk-os rag rebuild, if it stays" },
  memory_unreadable: { severity: "error", next: "make memory/ readable for the service, then elk-os up" },
  log_unreadable: { severity: "error", next: "make log/ readable for the service, then elk-os up" },
  docs_unreadable: { severity: "error", next: "make docs/ readable for the service, then elk-os up" },
  constitution_unreadable: { severity: "error", next: "put CLAUDE.md back, then elk-os up" },
  files_skipped: { severity: "warning", next: "mend the files that GET /stats names" },
  watcher_dead: { severity: "error", passes: true, next: "raise fs.inotify.max_user_watches, then elk-os up" },
  index_recovered: { severity: "warning", passes: true, next: "elk-os rag rebuild writes a sound one" },
  index_not_kept: { severity: "error", passes: true, next: "free or unlock the disk of the state folder" },
  model_missing: { severity: "error", next: "elk-os rag model list; install the release again" },
  model_unverified: { severity: "error", next: "elk-os rag model self-test; install the release again" },
  model_failing: {
    severity: "error",
    passes: true,
    next: "elk-os logs rag; elk-os rag model self-test, or another model",
  },
  embed_backlog: { severity: "error", next: "wait, or elk-os logs rag" },
  vectors_missing: { severity: "error", next: "elk-os rag rebuild" },
  vectors_not_kept: { severity: "error", passes: true, next: "free or unlock the disk of the state folder" },
  board_unreachable: { severity: "error", passes: true, next: "elk-os status; elk-os up" },
  // `elk-os rag take --follow` looks each second; what waits longer waits for a person.
  writes_waiting: { severity: "warning", passes: true, next: "elk-os rag take" },
  writes_refused: { severity: "warning", next: "elk-os rag take names them; --forget drops them" },
  board_behind: { severity: "error", passes: true, next: "elk-os logs rag" },
};
/** What the CLI alone can see: the service was given older files to read than the checkout holds. */
export const COPY_BEHIND: ReasonRule = { severity: "warning", next: "elk-os up" };
const UNKNOWN: ReasonRule = { severity: "error", next: "elk-os logs rag" };

export function ruleOf(reason: string): ReasonRule {
  return REASON_RULES[reason] ?? UNKNOWN;
}

/** 10 s: the service looks every 5 s when its watch is gone; what lasts longer is a state and no moment. */
const SETTLE = { timeoutMs: 10_000, intervalMs: 250 } as const;

/** Health as it is now. */
export async function readHealth(rag: Pick<RagClient, "call">): Promise<RagHealth> {
  return healthSchema.parse(await rag.call("GET", "/health"));
}

/** Health once nothing in it is about to pass by itself, or after ten seconds. */
export async function readSettledHealth(rag: Pick<RagClient, "call">, signal: AbortSignal): Promise<RagHealth> {
  const settled = async (): Promise<RagHealth | null> => {
    const health = await readHealth(rag);
    return health.reasons.some((reason) => ruleOf(reason).passes === true) ? null : health;
  };
  return (await waitFor(settled, { ...SETTLE, signal })) ?? readHealth(rag);
}
