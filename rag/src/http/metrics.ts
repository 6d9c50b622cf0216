import type { FastifyInstance, onRequestHookHandler } from "fastify";
import type { AppParts } from "../app.ts";
import { reportHealth } from "../health-report.ts";
import { noQuery } from "../routes/no-query.ts";

/** Upper bounds in seconds, from a hit in the cache of the processor to a search that is far too slow. */
const BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

/** `GET /metrics`: Prometheus text. Routes are labels, never paths or questions: their number is bounded. */
export function metricsRoute(app: FastifyInstance, parts: AppParts, guard: onRequestHookHandler): void {
  const requests = new Map<string, number>();
  const durations = new Map<string, { readonly buckets: number[]; sum: number; count: number }>();
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "none";
    const key = `route="${route}",method="${request.method}",status="${reply.statusCode}"`;
    requests.set(key, (requests.get(key) ?? 0) + 1);
    const seconds = reply.elapsedTime / 1_000;
    const entry = durations.get(route) ?? { buckets: BUCKETS_S.map(() => 0), sum: 0, count: 0 };
    BUCKETS_S.forEach((bound, index) => {
      if (seconds <= bound) entry.buckets[index] = (entry.buckets[index] ?? 0) + 1;
    });
    entry.sum += seconds;
    entry.count += 1;
    durations.set(route, entry);
    done();
  });
  app.get(
    "/metrics",
    { onRequest: guard, schema: { summary: "Figures for Prometheus", querystring: noQuery } },
    async (_request, reply) => {
      const { state, sources, reasons } = await reportHealth(parts);
      const facts = parts.library.vectors();
      const gauges: Record<string, number> = {
        muster_rag_documents_on_disk: state.onDisk,
        muster_rag_documents_indexed: state.indexed,
        muster_rag_chunks: state.chunks,
        muster_rag_files_skipped: state.skipped.length,
        muster_rag_vectors: facts?.vectors ?? 0,
        muster_rag_vectors_pending: facts?.pending ?? 0,
        muster_rag_oldest_pending_seconds: (facts?.oldestPendingMs ?? 0) / 1_000,
        muster_rag_healthy: reasons.length === 0 ? 1 : 0,
        process_resident_memory_bytes: process.memoryUsage.rss(),
      };
      const lines = Object.entries(gauges).flatMap(([name, value]) => [`# TYPE ${name} gauge`, `${name} ${value}`]);
      lines.push("# TYPE muster_rag_degraded gauge");
      for (const reason of reasons) lines.push(`muster_rag_degraded{reason="${reason}"} 1`);
      lines.push("# TYPE muster_rag_source_reachable gauge", "# TYPE muster_rag_source_lag_seconds gauge");
      for (const { name, reachable, cursorLagMs } of sources) {
        lines.push(`muster_rag_source_reachable{source="${name}"} ${reachable ? 1 : 0}`);
        // One that was never read has no lag: 0 would say that it is up to date.
        if (cursorLagMs !== null) lines.push(`muster_rag_source_lag_seconds{source="${name}"} ${cursorLagMs / 1_000}`);
      }
      lines.push("# TYPE muster_rag_requests_total counter");
      for (const [key, count] of requests) lines.push(`muster_rag_requests_total{${key}} ${count}`);
      lines.push("# TYPE muster_rag_request_seconds histogram");
      for (const [route, { buckets, sum, count }] of durations) {
        const name = "muster_rag_request_seconds";
        buckets.forEach((hits, index) => {
          lines.push(`${name}_bucket{route="${route}",le="${BUCKETS_S[index]}"} ${hits}`);
        });
        lines.push(`${name}_bucket{route="${route}",le="+Inf"} ${count}`);
        lines.push(`${name}_sum{route="${route}"} ${sum}`, `${name}_count{route="${route}"} ${count}`);
      }
      return reply.type("text/plain; version=0.0.4; charset=utf-8").send(`${lines.join("\n")}\n`);
    },
  );
}
