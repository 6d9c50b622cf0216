import { expect, test } from "vitest";
import { expectRed } from "../../../../test/support/red.ts";
import { type RagHealth, REASON_RULES } from "../../rag-client/rag-health.ts";
import { judgeHealth } from "./rag-health.ts";

const health = (...reasons: readonly string[]): RagHealth => ({
  status: reasons.length === 0 ? "ok" : "degraded",
  reasons: [...reasons],
  pid: 1,
  version: "0.1.0",
  started_at: "2026-01-01T00:00:00.000Z",
  documents: { on_disk: 2, indexed: 2 },
  chunks: 3,
  last_sync_at: null,
  watcher: "alive",
  model: { id: "m", state: "verified" },
  vectors: { held: 3, index: "exact", pending: 0, oldest_pending_ms: 0 },
  kept: { on_disk: true, generation: 1, failure: null },
  sources: [],
  writes: { waiting: 0, oldest_waiting_ms: 0, refused: 0 },
  rss_mb: 1,
});

test("without a reason both checks pass", () => {
  expect(judgeHealth(health(), "error")).toMatchObject({ status: "pass" });
  expect(judgeHealth(health(), "warning")).toMatchObject({ status: "pass" });
});

test("each reason makes the check of its severity red, and the other one not; an unknown reason is an error", () => {
  for (const [reason, { severity }] of [
    ...Object.entries(REASON_RULES),
    ["no_such_reason", { severity: "error" }] as const,
  ]) {
    const evidence = new RegExp(`^${reason} \\(`);
    if (severity === "error") expectRed("RAG-02", judgeHealth(health(reason), "error"), evidence);
    else expectRed("RAG-03", judgeHealth(health(reason), "warning"), evidence);
    const other = severity === "error" ? "warning" : "error";
    expect(judgeHealth(health(reason), other), reason).toMatchObject({ status: "pass" });
  }
});
