import { afterAll, beforeAll, expect, it } from "vitest";
import { PORTAL_ROUTES } from "../support/portal-audit.ts";
import { type BoardTask, type PortalBoard, portalBoard } from "../support/portal-writes.ts";
import { sharedStack } from "../support/shared-stack.ts";
import type { Stack } from "../support/stack.ts";

let stack: Stack;
let board: PortalBoard;
const tasks: BoardTask[] = [];

/** Views that show rows of the board. An embed and a wall are the first page in other dresses; no search and no lost page has a past. */
const VIEWS = [
  ...PORTAL_ROUTES.filter((route) => !/^\/(memory|embed|\?kiosk|tasks\/999999)/.test(route)),
  "/board?lanes=phase",
  "/list?status=done",
  "/graph?scope=all",
  "/timeline?range=all",
  "/events?entity=os_tasks",
];
const EXPORTS = ["/list.csv", "/list.json"];

beforeAll(async () => {
  ({ stack } = await sharedStack());
  board = portalBoard(stack);
});

afterAll(async () => {
  if (board !== undefined) await board.cancel(tasks.map(({ id }) => id));
});

/** What the page shows: its content and its rail, without the instant that links of a replay carry along. */
function shown(html: string): string {
  const content = /<main\b[\s\S]*<\/main>/.exec(html)?.[0] ?? "";
  const rail = /<aside class="rail"[\s\S]*?<\/aside>/.exec(html)?.[0] ?? "";
  return `${content}${rail}`
    .replaceAll(/([?&]|&amp;)at=[\w%-]+(&amp;)?/g, (_, joint: string, more?: string) =>
      more === undefined ? "" : joint,
    )
    .replaceAll(/<input type="hidden" name="at"[^>]*>/g, "");
}

async function read(path: string): Promise<string> {
  const response = await fetch(`${stack.urls.portal}${path}`);
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return text;
}

const at = (path: string, token: string) => `${path}${path.includes("?") ? "&" : "?"}at=${token}`;

/** The life of some tasks: made, claimed, noted, given up, blocked, submitted, judged by nobody. */
async function liveOn(): Promise<void> {
  const token = stack.secret("agent-a02");
  const project = await board.publicProject();
  for (let round = 0; round < 3; round += 1) {
    const task = await board.newTask(project, `After the picture ${round}`, { priority: "P0" });
    tasks.push(task);
    const claimed = await board.write("PATCH", `os_tasks/${task.id}`, { claim_session: `replay-${round}` }, token);
    const { claim_epoch: fence } = claimed as { id: string; claim_epoch?: number };
    await board.write("POST", "os_notes", { task: task.id, kind: "note", body: `Note ${round}.` }, token);
    if (fence === undefined) throw new Error("Nothing was claimed.");
    const end = [
      { status: "ready", fence },
      {
        status: "blocked",
        blocked_type: "needs_human",
        blocked_reason: "Two rules differ.",
        blocked_owner: "Ines",
        blocked_action: "Choose.",
        fence,
      },
      { status: "in_review", submitted_commit: "3f9c1e2", fence },
    ][round];
    await board.write("PATCH", `os_tasks/${task.id}`, { ...end }, token);
  }
}

it("every view, asked for a moment that has passed, shows byte for byte what it showed then", async () => {
  const pictures = new Map<string, { readonly token: string; readonly html: string }>();
  for (const view of VIEWS) {
    const html = await read(view);
    const token = /\sdata-at="([^"]+)"/.exec(html)?.[1];
    expect(token, view).toBeDefined();
    pictures.set(view, { token: token ?? "", html: shown(html) });
  }
  const lists = new Map<string, string>();
  for (const path of EXPORTS) lists.set(path, await read(path));
  const lastToken = pictures.get(VIEWS.at(-1) ?? "")?.token ?? "";
  await liveOn();

  const changed: string[] = [];
  const different: string[] = [];
  for (const [view, { token, html }] of pictures) {
    if (shown(await read(view)) !== html) changed.push(view);
    const replay = shown(await read(at(view, token)));
    if (replay !== html) different.push(`${view}: ${firstDifference(html, replay)}`);
  }
  for (const [path, text] of lists) {
    if ((await read(at(path, lastToken))) !== text) different.push(path);
  }
  expect(different).toEqual([]);
  // Else the test would prove nothing: the board had to move on under most of them.
  expect(changed).toEqual(
    expect.arrayContaining(["/", "/board", "/list", "/events", "/claims", "/agents", "/timeline"]),
  );
});

function firstDifference(one: string, other: string): string {
  let place = 0;
  while (place < one.length && one[place] === other[place]) place += 1;
  return `…${one.slice(Math.max(0, place - 60), place + 60)}… is …${other.slice(Math.max(0, place - 60), place + 60)}…`;
}

it("a cursor of the stream and a time lead to the same past, with a way back and steps to both sides", async () => {
  const { cursor } = JSON.parse(await read("/api/changes"));
  const [task] = tasks;
  const past = await read(at("/board", cursor));
  expect(past).toContain("Back to now");
  const beginning = await read(at("/board", new Date(Date.now() - 60_000 * 60 * 24 * 365).toISOString()));
  expect(beginning).not.toContain(`#${task?.number}<`);
  expect(beginning).toContain("The board is empty.");
  expect(past).toMatch(/data-replay-key="\["/);
});

it("an instant that is none is refused with what to send instead", async () => {
  const response = await fetch(`${stack.urls.portal}/board?at=yesterday`);
  expect(response.status).toBe(400);
  expect(await response.text()).toContain("2026-11-22T19:41:00Z");
});
