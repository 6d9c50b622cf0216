/** Items of the feeds, read like any page: what a page does not show, no feed shows. */
import { eventWords } from "../view/event-line.ts";
import { type Feed, toAtom, toRss } from "../view/feed.ts";
import { receiptRef } from "../view/links.ts";
import { readLog } from "./events.ts";
import { readLedger } from "./receipts.ts";

export type FeedFormat = "rss" | "atom";

const TYPES: Readonly<Record<FeedFormat, string>> = {
  rss: "application/rss+xml; charset=utf-8",
  atom: "application/atom+xml; charset=utf-8",
};
const MOST = 50;

/** Hosts as they stand in an address; anything else is not repeated into a document. */
const HOST = /^[a-z0-9.-]+(:\d{1,5})?$|^\[[0-9a-f:.]+\](:\d{1,5})?$/i;

function originOf(request: Request): string {
  const host = request.headers.get("x-forwarded-host") ?? request.headers.get("host") ?? "";
  const scheme = request.headers.get("x-forwarded-proto") === "https" ? "https" : "http";
  return HOST.test(host) ? `${scheme}://${host}` : new URL(request.url).origin;
}

function answer(request: Request, format: FeedFormat, feed: Omit<Feed, "origin" | "self">): Response {
  const whole = { ...feed, origin: originOf(request), self: new URL(request.url).pathname };
  return new Response(format === "rss" ? toRss(whole) : toAtom(whole), {
    headers: { "Content-Type": TYPES[format], "Cache-Control": "no-cache" },
  });
}

export async function receiptFeed(request: Request, format: FeedFormat): Promise<Response> {
  const { instance, receipts } = await readLedger();
  return answer(request, format, {
    title: "Receipts",
    description: "Faults that were caught, and the commit that ended each.",
    path: "/receipts",
    readAt: instance.server_now,
    items: receipts.slice(0, MOST).map((receipt) => ({
      path: `/receipts/${receipt.number}`,
      title: `${receiptRef(receipt.number)} ${receipt.title}`,
      text: receipt.caught_by ?? "",
      at: receipt.issued_at,
      author: receipt.verifier ?? "board",
    })),
  });
}

export async function eventFeed(request: Request, format: FeedFormat): Promise<Response> {
  const { instance, events } = await readLog({
    facets: { entity: null, kind: null, actor: null },
    task: null,
    before: null,
  });
  return answer(request, format, {
    title: "Events",
    description: "Accepted changes of the board, newest first.",
    path: "/events",
    readAt: instance.server_now,
    items: events.slice(0, MOST).map((event) => {
      const { look, text } = eventWords(event);
      return {
        path: `/events?before=${event.id + 1}#e${event.id}`,
        title: `${look.word}${event.task === null ? "" : ` #${event.task}`}`,
        text,
        at: event.at,
        author: event.actor_name ?? "board",
      };
    }),
  });
}
