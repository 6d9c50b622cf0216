import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AgentClient, connectAgent, type Row } from "../support/agent-client.ts";
import { openBrowser } from "../support/browser.ts";
import { sharedStack } from "../support/shared-stack.ts";
import type { Stack } from "../support/stack.ts";

/** Two seeded agents: the author, and a verifier of another model family. */
const AUTHOR = "a03";
const VERIFIER = "a08";
const FIELDS = ["id", "number", "title", "status", "risk", "claim_epoch", "version", "submitted_commit", "acceptance"];
const COMMIT = "0f1e2d3c4b5a69788796a5b4c3d2e1f001020304";

// One task from ready to done, told in order: each test builds on the state that the one before left.
let stack: Stack;
let author: AgentClient;
let verifier: AgentClient;
let browser: Browser;
let task: Row;
let fence = 0;

beforeAll(async () => {
  ({ stack } = await sharedStack());
  author = await connectAgent(stack.urls.mcp, stack.secret(`agent-${AUTHOR}`));
  verifier = await connectAgent(stack.urls.mcp, stack.secret(`agent-${VERIFIER}`));
  browser = await openBrowser();
});
afterAll(async () => {
  await Promise.all([author?.close(), verifier?.close(), browser?.close()]);
});

async function readTask(agent: AgentClient): Promise<Row> {
  const query = { filter: { id: { _eq: task.id } }, fields: FIELDS, limit: 1 };
  const [row] = await agent.rows({ action: "read", collection: "os_tasks", query });
  if (row === undefined) throw new Error(`Task ${task.id} is gone.`);
  return row;
}

/** What the portal says of the task: the entry that tells its state, and the columns of the board that hold it. */
async function readPortal(): Promise<{ readonly state: string; readonly columns: readonly (string | null)[] }> {
  const page = await openPage(`/tasks/${task["number"]}`);
  const entry = page.locator("main section", { has: page.getByRole("heading", { name: "State", exact: true }) });
  const state = (await entry.allTextContents()).join("\n");
  await page.goto(`${stack.urls.portal}/board`, { waitUntil: "load" });
  const columns = await page
    .locator("main .kan section", { has: page.locator(`a[href="/tasks/${task["number"]}"]`) })
    .evaluateAll((sections) => sections.map((section) => section.getAttribute("aria-labelledby")));
  await page.close();
  return { state, columns };
}

async function openPage(path: string, viewport = { width: 1440, height: 900 }): Promise<Page> {
  const page = await browser.newPage({ viewport, colorScheme: "light" });
  const response = await page.goto(`${stack.urls.portal}${path}`, { waitUntil: "load" });
  expect(response?.status()).toBe(200);
  return page;
}

/** Pictures for the documents, only when a folder for them is named. */
async function keepPicture(page: Page, name: string, fullPage = false): Promise<void> {
  const folder = process.env["MUSTER_SCREENSHOTS"];
  if (folder === undefined || folder === "") return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, name), fullPage });
}

describe("an agent that knows nothing but the endpoint", () => {
  it("is offered the tools it needs, and none of an administrator's", async () => {
    const { tools } = await author.client.listTools();
    const names = tools.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["items", "schema", "system-prompt"]));
    for (const forbidden of ["collections", "fields", "relations", "flows", "operations"])
      expect(names).not.toContain(forbidden);
  });

  it("is taught the protocol by the board itself", async () => {
    const said = await author.client.callTool({ name: "system-prompt", arguments: {} });
    expect(JSON.stringify(said.content)).toContain("claim_session");
    const schema = await author.client.callTool({ name: "schema", arguments: { keys: ["os_tasks"] } });
    expect(JSON.stringify(schema.content)).toContain("claim_epoch");
  });

  it("finds ready work and claims it: the board sets the holder, the status and the fence", async () => {
    const filter = { status: { _eq: "ready" }, risk: { _eq: "medium" } };
    const ready = await author.rows({
      action: "read",
      collection: "os_tasks",
      query: { filter, sort: ["priority", "number"], fields: FIELDS, limit: 10 },
    });
    const refusals: string[] = [];
    for (const candidate of ready) {
      const said = await author.update(candidate.id, { claim_session: "e2e-author" });
      if (said.ok) {
        task = candidate;
        break;
      }
      refusals.push(`#${candidate["number"]} ${said.code}`);
    }
    expect(task, `every ready task was refused: ${refusals.join(", ")}`).toBeDefined();
    const claimed = await readTask(author);
    expect(claimed).toMatchObject({ status: "in_progress", claim_epoch: Number(task["claim_epoch"]) + 1 });
    fence = Number(claimed["claim_epoch"]);
  });

  it("is told not to touch a task that another agent holds", async () => {
    const said = await verifier.update(task.id, { claim_session: "e2e-thief" });
    expect(said).toMatchObject({ ok: false, code: "MUSTER_CLAIM_CONFLICT", message: expect.stringContaining(AUTHOR) });
  });

  it("writes a finding to the task", async () => {
    const data = { task: task.id, kind: "finding", body: "The second page was read with the first page's cursor." };
    const [note] = await author.rows({ action: "create", collection: "os_notes", data });
    expect(note).toMatchObject({ task: task.id, kind: "finding" });
  });

  it("is refused with a fence that is not the live one", async () => {
    for (const stale of [fence - 1, fence + 1]) {
      const said = await author.update(task.id, { status: "in_review", submitted_commit: COMMIT, fence: stale });
      expect(said).toMatchObject({ ok: false, code: "MUSTER_FENCED" });
    }
    expect(await readTask(author)).toMatchObject({ status: "in_progress", submitted_commit: null });
  });

  it("submits with its fence", async () => {
    const data = { status: "in_review", submitted_commit: COMMIT, closing_note: "Cursor is per page now.", fence };
    expect(await author.update(task.id, data)).toMatchObject({ ok: true });
    expect(await readTask(author)).toMatchObject({ status: "in_review", submitted_commit: COMMIT });
  });

  it("is seen in the portal as waiting for a verifier, and not as verified", async () => {
    const { state, columns } = await readPortal();
    expect(state).toContain("Waits for a verifier.");
    expect(state).not.toMatch(/verified/i);
    expect(columns).toEqual(["review"]);
  });

  it("may not review its own work", async () => {
    const said = await author.update(task.id, { claim_session: "e2e-author-again" });
    expect(said).toMatchObject({ ok: false, code: "MUSTER_SELF_REVIEW" });
  });

  it("is fenced off once its claim has ended", async () => {
    const said = await author.update(task.id, { closing_note: "One more thing.", fence });
    expect(said).toMatchObject({ ok: false, code: "MUSTER_FENCED" });
  });
});

describe("a verifier of another family", () => {
  it("claims the review, gives a verdict with evidence, and the task is done", async () => {
    expect(await verifier.update(task.id, { claim_session: "e2e-verifier" })).toMatchObject({ ok: true });
    const review = await readTask(verifier);
    expect(review).toMatchObject({ status: "in_review", claim_epoch: fence + 1 });
    const bare = await verifier.update(task.id, { status: "done", fence: fence + 1 });
    expect(bare).toMatchObject({ ok: false, code: "MUSTER_EVIDENCE_REQUIRED" });
    const data = { status: "done", fence: fence + 1, evidence: "Ran the suite at the submitted commit: 12 passed." };
    expect(await verifier.update(task.id, data)).toMatchObject({ ok: true });
    expect(await readTask(author)).toMatchObject({ status: "done" });
  });

  it("leaves a verification with its evidence and commit on the record", async () => {
    const query = { filter: { task: { _eq: task.id } }, fields: ["id", "verdict", "evidence", "commit_sha"] };
    const [verification] = await author.rows({ action: "read", collection: "os_verifications", query });
    expect(verification).toMatchObject({ verdict: "pass", evidence: expect.stringContaining("12 passed") });
  });
});

describe("the portal in a browser", () => {
  it("shows the task as verified, by whom, at which commit and on what evidence, in the column of what is done", async () => {
    const { state, columns } = await readPortal();
    expect(state).toMatch(new RegExp(`Verified .+ ago by ${VERIFIER}\\.`));
    expect(state).toContain(`What was verified: commit ${COMMIT.slice(0, 7)}.`);
    expect(state).not.toContain("Waits for a verifier");
    expect(columns).toEqual(["done"]);

    const page = await openPage(`/tasks/${task["number"]}`);
    const text = await page.locator("main").textContent();
    expect(text).toContain(`#${task["number"]}`);
    expect(text).toContain(String(task["title"]));
    const verdict = page.locator(".verdicts > li", { hasText: "Ran the suite at the submitted commit: 12 passed." });
    expect(await verdict.locator(".vs .st-verified").allTextContents()).toEqual(["passed"]);
    expect(await verdict.textContent()).toContain(`verifier ${VERIFIER}`);
    await keepPicture(page, "task.png");
    await page.close();
  });

  it("renders the board, with the task on it, without an error in the console", async () => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: "light" });
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    await page.goto(`${stack.urls.portal}/board`, { waitUntil: "load" });
    expect(await page.locator(`a[href="/tasks/${task["number"]}"]`).count()).toBeGreaterThan(0);
    expect(problems).toEqual([]);
    await keepPicture(page, "board.png");
    await page.close();
  });

  it("fits a phone without scrolling sideways", async () => {
    const page = await openPage("/board", { width: 390, height: 844 });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    await keepPicture(page, "board-phone.png");
    await page.close();
  });
});
