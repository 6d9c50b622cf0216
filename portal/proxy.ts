/**
 * Stands before every route: only GET and HEAD exist here, every page carries a nonce, and while the board cannot be read a page
 * is answered by the page that says so, with 503. A page alone could set no status.
 */
import { randomBytes } from "node:crypto";
import { type NextRequest, NextResponse } from "next/server";
import { findBoardProblem } from "./data/board-health.ts";
import { isDevelopment, ownPort } from "./env.ts";
import { NONCE_HEADER, THEME_HEADER } from "./request-headers.ts";
import { parseTheme } from "./view/links.ts";

const UNAVAILABLE = "/unavailable";
const RETRY_AFTER_SECONDS = "10";
/** Answered without a look at the database. */
const ALWAYS = /^\/(_next\/|\.well-known\/|healthz$|unavailable$|icon\.svg$|api\/)/;

export async function proxy(request: NextRequest): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") return refuseMethod();
  const { pathname, search, searchParams } = request.nextUrl;
  if (pathname.startsWith("/_next/")) return NextResponse.next();
  if (!ALWAYS.test(pathname) && (await findBoardProblem()) !== null) {
    const page = await fetchUnavailable(search);
    if (page !== null) return page;
  }
  return passOn(request, parseTheme(searchParams.get("theme")));
}

function refuseMethod(): Response {
  return new Response("405: this site can only be read.\n", {
    status: 405,
    headers: { Allow: "GET, HEAD", "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" },
  });
}

function passOn(request: NextRequest, theme: string | null): Response {
  const nonce = randomBytes(16).toString("base64");
  const policy = contentSecurityPolicy(nonce);
  const headers = new Headers(request.headers);
  headers.set("Content-Security-Policy", policy);
  headers.set(NONCE_HEADER, nonce);
  headers.delete(THEME_HEADER);
  if (theme !== null) headers.set(THEME_HEADER, theme);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("Content-Security-Policy", policy);
  return response;
}

function contentSecurityPolicy(nonce: string): string {
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
    "frame-ancestors 'none'",
  ].join("; ");
}

/** Our own page about the outage, with the status that it deserves. Null when the board came back in between. */
async function fetchUnavailable(search: string): Promise<Response | null> {
  const headers = new Headers({ "Cache-Control": "no-store", "Retry-After": RETRY_AFTER_SECONDS });
  try {
    const page = await fetch(`http://127.0.0.1:${ownPort()}${UNAVAILABLE}${search}`, { cache: "no-store" });
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
