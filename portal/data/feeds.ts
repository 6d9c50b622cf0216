/** Items of the feeds, read like any page: what a page does not show, no feed shows. */
import { allowedHosts, pageSettings } from "../env.ts";
import { hasFeature, readProfile } from "../profile.ts";
import { eventPath, eventsPath, namedEvents, parseEventFilter } from "../view/event-filter.ts";
import { eventWords } from "../view/event-line.ts";
import { type Feed, feedTag, toAtom, toRss } from "../view/feed.ts";
import { isOurHost } from "../view/host-check.ts";
import { receiptRef } from "../view/links.ts";
import { readLog } from "./events.ts";
import type { InstanceTotals } from "./instance.ts";
import { readLedger } from "./receipts.ts";

export type FeedFormat = "rss" | "atom";

const TYPES: Readonly<Record<FeedFormat, string>> = {
  rss: "application/rss+xml; charset=utf-8",
  atom: "application/atom+xml; charset=utf-8",
};
const MOST = 50;

/** How the reader reached us: by the name it asked for. A proxy of ours stands before the portal under compose only, so only there its word counts. */
function originOf(request: Request): string {
  const isBehindProxy = pageSettings().driver === "compose";
  const told = isBehindProxy ? request.headers.get("x-forwarded-host") : null;
  const host = [told, request.headers.get("host")].find((name) => isOurHost(name ?? null, allowedHosts()));
  if (host === undefined || host === null) return new URL(request.url).origin;
  const isSecure = isBehindProxy && request.headers.get("x-forwarded-proto") === "https";
  return `${isSecure ? "https" : "http"}://${host}`;
}

type Items = Omit<Feed, "origin" | "tag" | "self" | "readAt">;

function answer(request: Request, format: FeedFormat, instance: InstanceTotals, items: Items, query = ""): Response {
  const whole = {
    ...items,
    origin: originOf(request),
    tag: feedTag(instance.instance_id, instance.incarnation),
    self: new URL(request.url).pathname + query,
    readAt: instance.server_now,
  };
  return new Response(format === "rss" ? toRss(whole) : toAtom(whole), {
    headers: { "Content-Type": TYPES[format], "Cache-Control": "no-cache" },
  });
}

/** 404 when the profile has no receipts. */
export async function receiptFeed(request: Request, format: FeedFormat): Promise<Response> {
  if (!hasFeature(await readProfile(), "receipts")) {
    return new Response("404: this portal shows no receipts.\n", { status: 404 });
  }
  const { instance, receipts } = await readLedger();
  return answer(request, format, instance, {
    title: "Receipts",
    description: "Faults that were caught, and the commit that ended each.",
    path: "/receipts",
    items: receipts.slice(0, MOST).map((receipt) => ({
      path: `/receipts/${receipt.number}`,
      row: `/receipts/${receipt.number}`,
      title: `${receiptRef(receipt.number)} ${receipt.title}`,
      text: receipt.caught_by ?? "",
      at: receipt.issued_at,
      author: receipt.verifier ?? "board",
    })),
  });
}

/** The newest events under the filters of its address, which are those of the log. */
export async function eventFeed(request: Request, format: FeedFormat): Promise<Response> {
  const asked = parseEventFilter(Object.fromEntries(new URL(request.url).searchParams));
  const filter = { ...asked, before: null };
  const { instance, events } = await readLog(filter);
  const named = namedEvents(filter);
  const path = eventsPath(filter);
  const feed = {
    title: named === "" ? "Events" : `Events: ${named}`,
    description: "Accepted changes of the board, newest first.",
    path,
    items: events.slice(0, MOST).map((event) => {
      const { look, text } = eventWords(event);
      return {
        path: eventPath(event.id),
        row: `/events/${event.id}`,
        title: `${look.word}${event.task === null ? "" : ` #${event.task}`}`,
        text,
        at: event.at,
        author: event.actor_name ?? "board",
      };
    }),
  };
  return answer(request, format, instance, feed, path.slice("/events".length));
}
