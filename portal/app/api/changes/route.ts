/** The live stream for those who must poll: the same words in one answer, 304 while there is nothing new. Costs no query. */
import { createHash } from "node:crypto";
import { pageSettings } from "../../../env.ts";
import { NOW_HEADER } from "../../../live/client/messages.ts";
import { hub } from "../../../live/hub.ts";
import { outermostRegions } from "../../../live/regions.ts";
import { parseViewPath } from "../../../live/view-renderer.ts";

export const dynamic = "force-dynamic";

const FIRST_READ_MS = 3_000;
const LOOK_MS = 50;

export async function GET(request: Request): Promise<Response> {
  const { searchParams } = new URL(request.url);
  const board = hub();
  board.stayAwake();
  const path = parseViewPath(searchParams.get("view"));
  const view = path === null ? null : board.views.open(path);
  if (view !== null && (view.rendered === null || view.isDirty)) board.views.touch(view);
  await waitUntil(() => board.state.state !== "starting" && (view === null || view.rendered !== null));
  const leases = board.leases();
  // A heartbeat is no event and changes no view, yet without it a claim seems to cool.
  const beats = createHash("sha256").update(JSON.stringify(leases)).digest("base64url").slice(0, 16);
  const etag = `"${board.cursor ?? "none"}.${board.state.state}.${view?.version ?? "none"}.${beats}"`;
  // Told with a 304, too: the same leases are evidence of a later instant.
  const now = board.boardNow();
  const headers = { ETag: etag, "Cache-Control": "no-cache", ...(now === null ? {} : { [NOW_HEADER]: String(now) }) };
  if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers });
  const after = searchParams.get("after");
  const events = after === null ? [] : await board.eventsAfter(after);
  const stamp = searchParams.get("stamp");
  const newer = view?.rendered != null && (stamp === null || view.rendered.stamp > stamp) ? view.rendered : null;
  const body = {
    cursor: board.cursor,
    now,
    build: pageSettings().build,
    hasView: view !== null,
    lacksRoom: path !== null && view === null,
    state: board.state,
    leases,
    // Null: too old or unknown; the view is whole all the same.
    events: events === null ? null : events.flatMap(({ json }) => (json === null ? [] : [JSON.parse(json)])),
    view: newer === null ? null : { stamp: newer.stamp, title: newer.title, regions: outermostRegions(newer.regions) },
  };
  return Response.json(body, { headers });
}

async function waitUntil(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + FIRST_READ_MS;
  while (!isSo() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}
