/**
 * Stands before every route: only GET and HEAD exist here, every page carries a nonce, and while the board cannot be read a page
 * is answered by the page that says so, with 503. A page alone could set no status.
 */
import { randomBytes } from "node:crypto";
import { type NextRequest, NextResponse } from "next/server";
import { findBoardProblem } from "./data/board-health.ts";
import { hasReading } from "./data/last-reading.ts";
import { isMissingPage } from "./data/missing-page.ts";
import { OWN_HEADER, ownToken } from "./data/own-requests.ts";
import { pool } from "./data/pool.ts";
import { isOfOtherLife } from "./data/replay.ts";
import { allowedHosts, frameAncestors, isDevelopment, ownPort } from "./env.ts";
import { Bucket } from "./live/bucket.ts";
import { AT_HEADER, KIOSK_HEADER, NONCE_HEADER, PAGE_HEADER, THEME_HEADER } from "./request-headers.ts";
import { isOurHost } from "./view/host-check.ts";
import { parseInstant } from "./view/instant.ts";
import { parseTheme } from "./view/links.ts";

const UNAVAILABLE = "/unavailable";
/** No route: Next answers it with the page for what is not there, rendered here and with 404. */
const MISSING = "/missing";
const RETRY_AFTER_SECONDS = "10";
/** Answered without a look at the database. */
const ALWAYS = /^\/(_next\/|\.well-known\/|healthz$|unavailable$|icon\.svg$|badge\.svg$|api\/)/;
/** Says in its own words that the board cannot be read: the page about it may stand in nobody's frame. */
const EMBED = "/embed";
/** Told to this very server only: render the page although the board cannot be read. Unknown to anybody else. */
const OUTAGE_HEADER = "x-muster-outage";
const outageToken = randomBytes(16).toString("hex");
/** Next asks this proxy again about the path that a page was rewritten to; which page was meant is then known already. */
const REWRITTEN_HEADER = "x-muster-rewritten";
/** Searches go on to the search service; it does the work of a page for each. */
const SEARCH = /^\/memory$/;
const searches = new Bucket(20, 4);
/** Words in the list are looked for in every task. They have a limit of their own, so that neither search starves the other. */
const WORDS = /^\/list(\.csv|\.json)?$/;
const wordSearches = new Bucket(20, 4);

export async function proxy(request: NextRequest): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return refuse(405, "this site can only be read", { Allow: "GET, HEAD" });
  }
  if (!isOurHost(request.headers.get("host"), allowedHosts())) {
    return refuse(421, "this site does not answer to that host name. ELK_OS_PORTAL_HOSTS lists those that it does");
  }
  const { pathname, search, searchParams } = request.nextUrl;
  if (pathname.startsWith("/_next/")) return NextResponse.next();
  const bucket = SEARCH.test(pathname) ? searches : WORDS.test(pathname) ? wordSearches : null;
  const isLive = request.headers.get(OWN_HEADER) === ownToken();
  if (bucket !== null && !isLive && (searchParams.get("q") ?? "") !== "") {
    const wait = bucket.take(performance.now());
    if (wait > 0) return refuse(429, "too many searches at once", { "Retry-After": String(wait) });
  }
  const at = searchParams.get("at");
  const instant = at === null ? null : parseInstant(at);
  if (at !== null && instant === null) {
    return refuse(400, "at= names no instant. Send a time such as 2026-11-22T19:41:00Z, or a cursor of the stream");
  }
  // Where nobody can be asked the outage is told below.
  if (instant !== null && (await isOfOtherLife(pool(), instant).catch(() => false))) {
    return refuse(410, "at= is of another life of this board, which was restored since. Send a time instead");
  }
  const isRewritten = request.headers.get(REWRITTEN_HEADER) === outageToken;
  const reading = (isRewritten ? request.headers.get(PAGE_HEADER) : null) ?? nameOfReading(pathname, searchParams);
  const isOwn = request.headers.get(OUTAGE_HEADER) === outageToken;
  const problem = isOwn || ALWAYS.test(pathname) ? null : await findBoardProblem(instant !== null);
  if (problem !== null) {
    // What may not be read is not shown from memory either.
    const isKept = pathname === EMBED || (at === null && problem !== "right_missing" && hasReading(reading));
    const page = await fetchOwn(isKept ? `${pathname}${search}` : `${UNAVAILABLE}${search}`);
    if (page !== null) return page;
  }
  const isMissing = !isOwn && (await isMissingPage(pathname, instant));
  return passOn(request, isMissing ? MISSING : null, {
    [THEME_HEADER]: parseTheme(searchParams.get("theme")),
    [AT_HEADER]: at,
    [KIOSK_HEADER]: searchParams.has("kiosk") ? "1" : null,
    [PAGE_HEADER]: reading,
    [OUTAGE_HEADER]: null,
    [REWRITTEN_HEADER]: isMissing ? outageToken : null,
    [OWN_HEADER]: null,
  });
}

function refuse(status: number, why: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(`${status}: ${why}.\n`, {
    status,
    headers: { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store", ...headers },
  });
}

/** `instead`: path of ours that answers in the place of the one asked for. */
function passOn(request: NextRequest, instead: string | null, told: Readonly<Record<string, string | null>>): Response {
  const nonce = randomBytes(16).toString("base64");
  const { pathname } = request.nextUrl;
  const policy = contentSecurityPolicy(nonce, pathname === EMBED ? frameAncestors() : "'none'");
  const headers = new Headers(request.headers);
  headers.set("Content-Security-Policy", policy);
  headers.set(NONCE_HEADER, nonce);
  for (const [name, value] of Object.entries(told)) {
    headers.delete(name);
    if (value !== null) headers.set(name, value);
  }
  // The query goes along: theme and instant are asked for again under the other path.
  const response =
    instead === null
      ? NextResponse.next({ request: { headers } })
      : NextResponse.rewrite(new URL(`${instead}${request.nextUrl.search}`, request.url), { request: { headers } });
  response.headers.set("Content-Security-Policy", policy);
  return response;
}

/** `ancestors`: who may show the page in a frame. */
function contentSecurityPolicy(nonce: string, ancestors: string): string {
  // React's development build evaluates code to rebuild stacks, and its overlay writes style attributes.
  const development = isDevelopment ? " 'unsafe-eval'" : "";
  const styles = isDevelopment ? "'self' 'unsafe-inline'" : `'self' 'nonce-${nonce}'`;
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'${development}`,
    `style-src ${styles}`,
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    `frame-ancestors ${ancestors}`,
  ].join("; ");
}

/** The same page in another dress has the same rows. */
function nameOfReading(pathname: string, searchParams: URLSearchParams): string {
  const query = new URLSearchParams(searchParams);
  for (const name of ["theme", "kiosk"]) query.delete(name);
  query.sort();
  return `${pathname}?${query.toString()}`;
}

/** Our own page, the last reading or the one about the outage, with the status that it deserves. Null when the board came back in between. */
async function fetchOwn(path: string): Promise<Response | null> {
  const headers = new Headers({ "Cache-Control": "no-store", "Retry-After": RETRY_AFTER_SECONDS });
  try {
    const page = await fetch(`http://127.0.0.1:${ownPort()}${path}`, {
      cache: "no-store",
      headers: { [OUTAGE_HEADER]: outageToken },
    });
    if (!page.ok) return null;
    for (const name of ["Content-Type", "Content-Security-Policy"]) {
      const value = page.headers.get(name);
      if (value !== null) headers.set(name, value);
    }
    return new Response(page.body, { status: 503, headers });
  } catch {
    // Not listening on loopback: the fact without its dress.
    return new Response("503: the board cannot be read. Run bin/elk-os doctor.\n", { status: 503, headers });
  }
}
