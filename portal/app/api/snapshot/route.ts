/** All tasks, one narrow row each: `{read_at, columns, tasks: [[…]]}`. 304 while nothing has changed. */
import { serveFacts } from "../../../data/serve.ts";
import { readTaskSnapshot } from "../../../data/task-snapshot.ts";

export const dynamic = "force-dynamic";

export async function GET(request: Request): Promise<Response> {
  const known = /^"(.+)"$/.exec(request.headers.get("if-none-match") ?? "")?.[1] ?? null;
  const served = await serveFacts(() => readTaskSnapshot(known));
  if ("problem" in served)
    return Response.json({ problem: served.problem }, { status: 503, headers: { "Retry-After": "5" } });
  if (served.facts === null) return new Response(null, { status: 304, headers: { ETag: `"${known}"` } });
  const { version, json } = served.facts;
  // The server compresses what it sends, for those who ask for it; done here as well it would be done twice.
  return new Response(json, {
    headers: {
      "Content-Type": "application/json; charset=utf-8",
      "Cache-Control": "no-cache",
      ETag: `"${version}"`,
    },
  });
}
