/** All tasks, one narrow row each: `{read_at, columns, tasks: [[…]]}`. 304 while nothing has changed. */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { serveFacts } from "../../../data/serve.ts";
import { readTaskSnapshot } from "../../../data/task-snapshot.ts";

export const dynamic = "force-dynamic";

const compress = promisify(gzip);

export async function GET(request: Request): Promise<Response> {
  const known = /^"(.+)"$/.exec(request.headers.get("if-none-match") ?? "")?.[1] ?? null;
  const served = await serveFacts(() => readTaskSnapshot(known));
  if ("problem" in served)
    return Response.json({ problem: served.problem }, { status: 503, headers: { "Retry-After": "5" } });
  if (served.facts === null) return new Response(null, { status: 304, headers: { ETag: `"${known}"` } });
  const { version, json } = served.facts;
  const headers = new Headers({
    "Content-Type": "application/json; charset=utf-8",
    "Cache-Control": "no-cache",
    ETag: `"${version}"`,
    Vary: "Accept-Encoding",
  });
  if (!/\bgzip\b/.test(request.headers.get("accept-encoding") ?? "")) return new Response(json, { headers });
  headers.set("Content-Encoding", "gzip");
  return new Response(new Uint8Array(await compress(json, { level: 6 })), { headers });
}
