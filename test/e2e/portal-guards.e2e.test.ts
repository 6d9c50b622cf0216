import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { request as rawRequest } from "node:http";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import { PORTAL_ROUTES } from "../support/portal-audit.ts";
import { type BoardTask, type PortalBoard, portalBoard } from "../support/portal-writes.ts";
import { sharedStack } from "../support/shared-stack.ts";
import type { Stack } from "../support/stack.ts";
import { secretsIn, secretsOf } from "../support/stack-secrets.ts";

let stack: Stack;
let browser: Browser;
let board: PortalBoard;
let hostile: BoardTask;

/** What agents could write to take over whoever reads it. */
const HOSTILE = [
  "<script>globalThis.pwned=1</script>",
  "<img src=x onerror=globalThis.pwned=2>",
  "<svg/onload=globalThis.pwned=3>",
  "[click](javascript:globalThis.pwned=4)",
  "![x](https://evil.example/pixel.png)",
  '"><iframe srcdoc="<script>parent.pwned=5</script>">',
  "</script><script>globalThis.pwned=6</script>",
  "<style>@import url(https://evil.example/a.css)</style>",
  "<base href=https://evil.example/><meta http-equiv=refresh content=0;url=https://evil.example>",
  "<math><mtext></mtext><mglyph><style></style><img src onerror=globalThis.pwned=7></mglyph></math>",
  "&lt;script&gt;globalThis.pwned=8&lt;/script&gt; \u202etxt.exe ]]> --> {{7*7}}",
  "<a href='data:text/html,<script>globalThis.pwned=9</script>'>x</a>",
  '<form action=https://evil.example><input name=q autofocus onfocus="globalThis.pwned=10"></form>',
].join(" ");

const MACHINE_ROUTES = [
  "/api/stream",
  "/api/changes",
  "/api/snapshot",
  "/list.csv",
  "/list.json",
  "/feed.xml",
  "/receipts/feed.atom",
  "/events/feed.xml",
  "/receipts/1/receipt.json",
  "/badge.svg",
  "/healthz",
  "/.well-known/muster/identity",
];

beforeAll(async () => {
  ({ stack } = await sharedStack());
  browser = await openBrowser();
  board = portalBoard(stack);
  const project = await board.publicProject();
  hostile = await board.newTask(project, `Hostile ${HOSTILE}`.slice(0, 250), {
    description: HOSTILE,
    acceptance: [{ id: "a1", text: HOSTILE }],
    labels: [HOSTILE.slice(0, 60)],
  });
  await board.write("POST", "os_notes", { task: hostile.id, kind: "note", body: HOSTILE }, stack.secret("agent-a01"));
});

afterAll(async () => {
  await browser?.close();
  if (board !== undefined) await board.cancel([hostile?.id]);
});

describe("a site that can only be read", () => {
  it.each(["POST", "PUT", "PATCH", "DELETE"])("answers 405 to %s on every route", async (method) => {
    const wrong: string[] = [];
    for (const route of [...PORTAL_ROUTES, ...MACHINE_ROUTES]) {
      const headers = { "content-type": "application/json", "next-action": "0".repeat(40) };
      const response = await fetch(`${stack.urls.portal}${route}`, { method, headers, body: "[]" });
      await response.body?.cancel();
      if (response.status !== 405 || response.headers.get("allow") !== "GET, HEAD")
        wrong.push(`${route} ${response.status}`);
    }
    expect(wrong).toEqual([]);
  });

  it("answers to its own names only", async () => {
    const statusFor = (host: string) =>
      new Promise<number>((resolve, reject) => {
        rawRequest(stack.urls.portal, { headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        })
          .on("error", reject)
          .end();
      });
    expect(await statusFor("evil.example")).toBe(421);
    expect(await statusFor(`127.0.0.1.evil.example:${stack.ports.portal}`)).toBe(421);
    expect(await statusFor(`localhost:${stack.ports.portal}`)).toBe(200);
  });

  it("signs who it is over the caller's nonce", async () => {
    const { verifyIdentity, parseServiceKey } = await import("@muster/board/identity");
    const nonce = randomBytes(24).toString("base64url");
    const answer = await fetch(`${stack.urls.portal}/.well-known/muster/identity?nonce=${nonce}`);
    const key = parseServiceKey(readFileSync(join(stack.stateDir, "run", "portal", "identity.key"), "utf8"));
    const { instanceId: instance } = JSON.parse(readFileSync(join(stack.stateDir, "instance.json"), "utf8"));
    expect(verifyIdentity(key, await answer.json(), { nonce, instance, service: "portal" }).verdict).toBe("OK");
  });

  it("lets some searches through and refuses a flood", async () => {
    const startedAt = performance.now();
    const statuses = await Promise.all(
      Array.from({ length: 120 }, async () => {
        const response = await fetch(`${stack.urls.portal}/memory?q=port`);
        await response.body?.cancel();
        return response.status;
      }),
    );
    const seconds = (performance.now() - startedAt) / 1000;
    const answered = statuses.filter((status) => status === 200).length;
    expect(answered).toBeGreaterThanOrEqual(10);
    // Twenty at once, then four a second.
    expect(answered).toBeLessThanOrEqual(21 + 4 * seconds);
    expect(statuses.filter((status) => status === 429).length).toBe(120 - answered);
  });

  it("limits words in the list like any search, and pages of the list not at all", async () => {
    const ask = async (path: string) => {
      const response = await fetch(`${stack.urls.portal}${path}`);
      await response.body?.cancel();
      return response.status;
    };
    const words = await Promise.all(Array.from({ length: 80 }, () => ask("/list?q=port")));
    expect(words.filter((status) => status === 200).length).toBeGreaterThanOrEqual(10);
    expect(words.filter((status) => status === 429).length).toBeGreaterThan(0);
    expect(await ask("/list?page=1")).toBe(200);
  });

  it.each(["/tasks/999999", "/releases/returns-api/9.9.9", "/tasks/1?at=2001-01-01T00:00:00Z"])(
    "answers %s with words that need no script",
    async (path) => {
      const response = await fetch(`${stack.urls.portal}${path}`);
      expect(response.status).toBe(404);
      expect(await response.text()).toContain("There is no such page, task or receipt.");
    },
  );
});

describe("the policy of every page", () => {
  it("allows scripts by a nonce of that answer alone, and the pages need no more", async () => {
    const nonces = new Set<string>();
    for (const route of PORTAL_ROUTES) {
      const response = await fetch(`${stack.urls.portal}${route}`);
      const policy = response.headers.get("content-security-policy") ?? "";
      const scripts = /script-src ([^;]+)/.exec(policy)?.[1] ?? "";
      const nonce = /'nonce-([^']+)'/.exec(scripts)?.[1] ?? "";
      expect(policy, route).toContain("default-src 'none'");
      expect(scripts, route).not.toMatch(/unsafe|\*|https?:|data:/);
      expect(nonces.has(nonce), route).toBe(false);
      nonces.add(nonce);
      const html = await response.text();
      const bare = [...html.matchAll(/<script\b([^>]*)>/g)].filter(
        ([, attributes = ""]) => !attributes.includes(`nonce="${nonce}"`),
      );
      expect(bare, route).toEqual([]);
      expect(html, route).not.toMatch(/\sstyle="/);
      for (const name of ["x-content-type-options", "referrer-policy"])
        expect(response.headers.get(name), route).not.toBeNull();
    }
    expect(nonces.size).toBe(PORTAL_ROUTES.length);
  });

  it("asks nobody else for anything, and breaks no rule of its own", async () => {
    const page = await browser.newPage();
    const foreign: string[] = [];
    const complaints: string[] = [];
    page.on("request", (request) => {
      if (!request.url().startsWith(stack.urls.portal)) foreign.push(request.url());
    });
    page.on("console", (message) => {
      if (message.type() === "error" && !message.text().includes("404")) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    for (const route of PORTAL_ROUTES) await page.goto(`${stack.urls.portal}${route}`);
    await page.close();
    expect({ foreign, complaints }).toEqual({ foreign: [], complaints: [] });
  });

  it("tells no secret of the stack, in no page, script, style, feed, export or stream", async () => {
    const secrets = secretsOf(stack);
    const keys = ["secrets/instance_key", "run/portal/identity.key", "run/portal/rag.identity.key"];
    expect([...secrets.keys()]).toEqual(expect.arrayContaining(["secrets/muster_portal_password", ...keys]));
    const assets = await loadedAssets();
    const told: string[] = [];
    for (const path of [...PORTAL_ROUTES, ...MACHINE_ROUTES, "/api/stream?view=/", "/api/changes?view=/", ...assets])
      for (const file of secretsIn(await textOf(path), secrets)) told.push(`${path}: ${file}`);
    expect(told).toEqual([]);
  });
});

/** Paths of all scripts and styles that a browser loads on any page, and of those that wait until a key asks for them. */
async function loadedAssets(): Promise<readonly string[]> {
  const page = await browser.newPage();
  const scripts = new Set<string>();
  const styles = new Set<string>();
  page.on("request", (request) => {
    if (request.resourceType() === "script") scripts.add(request.url());
    if (request.resourceType() === "stylesheet") styles.add(request.url());
  });
  for (const route of PORTAL_ROUTES) await page.goto(`${stack.urls.portal}${route}`);
  await page.goto(`${stack.urls.portal}/`);
  await page.locator("html[data-keys]").waitFor();
  const atOnce = scripts.size;
  await page.keyboard.press("?");
  await page.locator("dialog[open]").waitFor();
  const withMenu = scripts.size;
  await page.keyboard.press("Escape");
  await page.locator("dialog[open]").waitFor({ state: "detached" });
  await page.keyboard.press("g");
  await page.keyboard.press("b");
  await page.waitForURL("**/board");
  await page.close();
  expect(atOnce).toBeGreaterThan(0);
  expect(withMenu).toBeGreaterThan(atOnce);
  expect(scripts.size).toBeGreaterThan(withMenu);
  expect(styles.size).toBeGreaterThan(0);
  return [...scripts, ...styles].map((url) => url.slice(stack.urls.portal.length));
}

/** The text of an answer; of a stream what it says until it has sent the view. */
async function textOf(path: string): Promise<string> {
  const response = await fetch(`${stack.urls.portal}${path}`);
  if (!path.startsWith("/api/stream")) return response.text();
  const end = path.includes("view=") ? "event: view" : "event: hello";
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const from = text.indexOf(end);
    if (from >= 0 && text.includes("\n\n", from)) break;
  }
  return text;
}

describe("what a hostile agent writes", () => {
  it("is text on every page that shows it, and runs nowhere", async () => {
    const page = await browser.newPage();
    const foreign: string[] = [];
    page.on("request", (request) => {
      if (!request.url().startsWith(stack.urls.portal)) foreign.push(request.url());
    });
    for (const route of [`/tasks/${hostile.number}`, "/board", `/list?q=Hostile`, "/events", "/graph?scope=all", "/"]) {
      await page.goto(`${stack.urls.portal}${route}`);
      expect(
        await page.evaluate(
          "document.querySelectorAll('main :is(script,iframe,img,base,object,embed,math,form[action^=http])').length",
        ),
        route,
      ).toBe(0);
      expect(
        await page.evaluate(
          "[...document.querySelectorAll('a[href]')].filter((a) => !/^https?:$/.test(new URL(a.getAttribute('href'), location.href).protocol)).length",
        ),
        route,
      ).toBe(0);
      expect(await page.evaluate("globalThis.pwned ?? null"), route).toBeNull();
    }
    await page.goto(`${stack.urls.portal}/tasks/${hostile.number}`);
    expect(await page.locator("main").textContent()).toContain("<img src=x onerror=globalThis.pwned=2>");
    await page.close();
    expect(foreign).toEqual([]);
  });

  it("stands escaped in feeds and exports", async () => {
    for (const route of ["/events/feed.xml", "/events/feed.atom"]) {
      const xml = await (await fetch(`${stack.urls.portal}${route}`)).text();
      expect(xml).not.toContain("<script>");
    }
    const csv = await (await fetch(`${stack.urls.portal}/list.csv?q=Hostile`)).text();
    expect(csv).toContain('""><iframe');
  });
});
