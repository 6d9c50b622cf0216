/**
 * The live stream: server-sent events. `?view=/board` adds that page's changed regions; `stamp` is the `data-live-read` of the page
 * that the reader has. Resumes after Last-Event-ID (header, or `?after=`, which a new EventSource needs).
 */
import { hub, type Watcher } from "../../../live/hub.ts";
import { parseViewPath } from "../../../live/view-renderer.ts";

export const dynamic = "force-dynamic";

/** Bytes that may wait for a slow reader; beyond it the stream is closed, and the reader resumes when it can. */
const BACKLOG_BYTES = 2 * 1024 * 1024;
const MAX_WATCHERS = 2_000;
const RETRY = new TextEncoder().encode("retry: 1000\n\n");

const HEADERS = {
  "Content-Type": "text/event-stream; charset=utf-8",
  // no-transform: a compressor would hold messages back.
  "Cache-Control": "no-cache, no-transform",
  "X-Accel-Buffering": "no",
};

export function GET(request: Request): Response {
  const { searchParams } = new URL(request.url);
  if (hub().watchers >= MAX_WATCHERS) {
    return new Response("503: too many watchers.\n", { status: 503, headers: { "Retry-After": "30" } });
  }
  const path = parseViewPath(searchParams.get("view"));
  const lastEventId = request.headers.get("last-event-id") ?? searchParams.get("after");
  const stamp = searchParams.get("stamp");
  let end: () => void = () => undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        let isOver = false;
        let leave: (() => void) | undefined;
        end = () => {
          if (isOver) return;
          isOver = true;
          request.signal.removeEventListener("abort", end);
          leave?.();
          try {
            controller.close();
          } catch {
            // The reader cancelled: it is closed already.
          }
        };
        const view = path === null ? null : hub().views.open(path);
        const watcher: Watcher = {
          view,
          lacksRoom: path !== null && view === null,
          send(frame) {
            if (isOver) return;
            if ((controller.desiredSize ?? 0) < 0) end();
            else controller.enqueue(frame);
          },
        };
        request.signal.addEventListener("abort", end);
        controller.enqueue(RETRY);
        void hub()
          .join(watcher, lastEventId, stamp)
          .then((left) => {
            leave = left;
            if (isOver) left();
          });
      },
      cancel() {
        end();
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: BACKLOG_BYTES }),
  );
  return new Response(body, { headers: HEADERS });
}
