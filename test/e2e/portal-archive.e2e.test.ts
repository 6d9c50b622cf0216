/** The archive of the real portal opens from a folder and leads nowhere that is not there. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { openBrowser } from "../support/browser.ts";
import { sharedStack } from "../support/shared-stack.ts";
import type { Stack } from "../support/stack.ts";
import { secretsIn, secretsOf } from "../support/stack-secrets.ts";

const Saved = z.looseObject({
  schema: z.literal("muster.portal-snapshot/1"),
  at: z.iso.datetime(),
  pages: z.int(),
  left: z.int(),
});
const Snapshot = z.looseObject({ tasks: z.array(z.tuple([z.int()], z.unknown())) });

let stack: Stack;
let browser: Browser;
let folder = "";
let saved: z.infer<typeof Saved>;
let numbers: readonly number[];

beforeAll(async () => {
  ({ stack } = await sharedStack());
  browser = await openBrowser();
  // Not in the stack's own folders: those must be empty after it.
  folder = join(mkdtempSync(join(tmpdir(), "muster-archive-")), "archive");
  // As any client gets it: compressed on the way, and one JSON document after it.
  const snapshot: unknown = await (await fetch(`${stack.urls.portal}/api/snapshot`)).json();
  numbers = Snapshot.parse(snapshot).tasks.map(([number]) => number);
  const ran = await stack.run(["portal", "snapshot", folder, "--json"], { timeoutMs: 240_000 });
  expect(ran.exit, ran.stderr).toBe(0);
  saved = Saved.parse(ran.json);
});

afterAll(async () => {
  await browser?.close();
  if (folder !== "") rmSync(dirname(folder), { recursive: true, force: true });
});

const filesOf = () =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".html"));

describe("an archive of the board", () => {
  it("holds every task, and says when the board was read and that nothing was left out", () => {
    expect(saved.left).toBe(0);
    expect(numbers.length).toBeGreaterThan(50);
    expect(numbers.filter((number) => !existsSync(join(folder, "tasks", `${number}`, "index.html")))).toEqual([]);
    const wrong = filesOf().filter((file) => !readFileSync(join(folder, file), "utf8").includes(`read at ${saved.at}`));
    expect(wrong).toEqual([]);
  });

  it("has no link that leads to nothing, to the portal, or to another page than its words say", () => {
    const wrong: string[] = [];
    for (const file of filesOf()) {
      const html = readFileSync(join(folder, file), "utf8");
      for (const [, address = ""] of html.matchAll(/\s(?:href|src)="([^"#]+)(?:#[^"]*)?"/g)) {
        if (/^https?:/.test(address)) continue;
        const target = resolve(folder, dirname(file), address);
        if (address.includes("?") || relative(folder, target).startsWith("..") || !existsSync(target))
          wrong.push(`${file}: ${address}`);
      }
      if (/<script|<form|is-fresh|is-cooling/.test(html)) wrong.push(`${file}: a script, a form or a live ember`);
    }
    expect(wrong).toEqual([]);
  });

  it("holds no secret of the stack, in any of its files", () => {
    const secrets = secretsOf(stack);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(filesOf().length);
    const told = files.flatMap(({ parentPath, name }) =>
      secretsIn(readFileSync(join(parentPath, name), "latin1"), secrets).map((file) => `${name}: ${file}`),
    );
    expect(told).toEqual([]);
  });

  it("refuses a folder that holds something", async () => {
    expect(await stack.run(["portal", "snapshot", folder, "--json"])).toMatchObject({
      json: { error: { code: "DESTRUCTIVE_REFUSED" } },
    });
  });

  it("opens from the folder with its fonts and styles, and can be walked from board to task and back", async () => {
    const page = await browser.newPage();
    const failed: string[] = [];
    page.on("requestfailed", (request) => failed.push(request.url()));
    await page.goto(pathToFileURL(join(folder, "index.html")).href);
    await page
      .getByRole("link", { name: /^Board/ })
      .first()
      .click();
    await page.locator("main h1", { hasText: "Board" }).waitFor();
    await page.locator("main .card a").first().click();
    await page.locator("main h1.voice").waitFor();
    expect(page.url()).toMatch(/\/tasks\/\d+\/index\.html$/);
    expect(await page.locator(".ember.is-fresh, .ember.is-cooling").count()).toBe(0);
    expect(failed).toEqual([]);
    await page.close();
  });
});
