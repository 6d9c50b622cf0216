/** Renders a view as any reader would get it, by asking this very server, and keeps its regions. */
import { OWN_HEADER, ownToken } from "../data/own-requests.ts";
import { ownPort } from "../env.ts";
import { extractRegions, type Regions } from "./regions.ts";

export interface RenderedView {
  readonly regions: Regions;
  readonly title: string;
  /** What the page says about the instant at which it was read: the value of its `data-live-read`. */
  readonly stamp: string;
  /** When it will look different though nothing happens, ms since 1970: the least `data-live-due` on it. Infinity: never. */
  readonly dueAt: number;
}

/** "absent": there is no such page, or nothing on it is live; asking again would not help. */
export type ViewAnswer = RenderedView | "absent" | null;

const TIMEOUT_MS = 10_000;

/** A page of this site, without hosts, fragments, replay, machine routes, or the search, which no event changes. Null for anything else: it is not rendered live. */
export function parseViewPath(value: string | null): string | null {
  if (value === null || value.length > 500 || !value.startsWith("/") || value.startsWith("//")) return null;
  let url: URL;
  try {
    url = new URL(value, "http://portal.invalid");
  } catch {
    return null;
  }
  if (url.host !== "portal.invalid" || /^\/(api|_next|\.well-known|healthz|memory)(\/|$)/.test(url.pathname))
    return null;
  if (url.searchParams.has("at")) return null;
  return `${url.pathname}${url.search}`;
}

/** Null when the page cannot be had now: an outage, or no answer in time. */
export async function renderView(path: string): Promise<ViewAnswer> {
  try {
    const answer = await fetch(`http://127.0.0.1:${ownPort()}${path}`, {
      cache: "no-store",
      // Over loopback it would be compressed and unpacked in this very process.
      headers: { [OWN_HEADER]: ownToken(), "accept-encoding": "identity" },
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!answer.ok) {
      await answer.body?.cancel();
      return answer.status === 404 ? "absent" : null;
    }
    const html = await answer.text();
    const regions = extractRegions(html);
    const stamp = /\sdata-live-read="([^"]*)"/.exec(html)?.[1];
    if (stamp === undefined || regions.size === 0) return "absent";
    const dueAt = Math.min(...[...html.matchAll(/\sdata-live-due="(\d+)"/g)].map(([, at]) => Number(at)));
    return { regions, title: /<title>([^<]*)<\/title>/.exec(html)?.[1] ?? "", stamp, dueAt };
  } catch {
    return null;
  }
}
