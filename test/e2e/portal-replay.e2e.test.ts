import type pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseCursor } from "../../portal/live/cursor.ts";
import { PORTAL_ROUTES } from "../support/portal-audit.ts";
import { BUILDER, type Life, lifeOn } from "../support/portal-life.ts";
import { type BoardTask, connectSuperuser } from "../support/portal-writes.ts";
import { sharedStack } from "../support/shared-stack.ts";
import type { Stack } from "../support/stack.ts";

let stack: Stack;
let life: Life;
let superuser: pg.Client;
let place: Place;
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
/** Looked at between every two writes: what changes with almost each of them. */
const OFTEN = ["/board", "/claims", "/timeline?range=all"];
/** Nothing that is written here shows on these: a report, words, filters that leave nothing, and a release of before. */
const UNTOUCHED: readonly string[] = [
  ...["/doctor", "/help", "/board?agent=nobody", "/list?status=nothing", "/releases/returns-api/0.1.0"],
];

/** Rows of the seeded board that the writes hang on. */
interface Place {
  readonly project: string;
  readonly phase: string;
  readonly repository: string;
  readonly task35: string;
  /** The task of the first receipt. */
  readonly proven: { readonly id: string; readonly title: string };
}

async function findPlace(): Promise<Place> {
  const { rows } = await superuser.query<Place>(
    `select p.id as project, h.id as phase, p.repository, t.id as task35, jsonb_build_object('id', w.id, 'title', w.title) as proven
     from public.os_receipts r join public.os_tasks w on w.id = r.task and r.number = 1
     join public.os_projects p on p.id = w.project join public.os_phases h on h.project = p.id and h.status = 'active'
     join public.os_tasks t on t.number = 35 where p.repository is not null limit 1`,
  );
  const [found] = rows;
  if (found === undefined) throw new Error("The seeded board has no receipt in a project with an active phase.");
  return found;
}

beforeAll(async () => {
  ({ stack } = await sharedStack());
  life = lifeOn(stack);
  superuser = await connectSuperuser(stack);
  place = await findPlace();
});

afterAll(async () => {
  if (place !== undefined) {
    const { id, title } = place.proven;
    await life.board.write("PATCH", `os_tasks/${id}`, { title });
    const { rows } = await superuser.query<{ id: string }>(
      "select t.id from public.os_tasks t where t.id = any($1) and t.status not in ('done', 'cancelled')",
      [tasks.map((task) => task.id)],
    );
    await life.board.cancel(rows.map((row) => row.id));
  }
  await superuser?.end();
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

interface Step {
  readonly name: string;
  write(): Promise<unknown>;
}

/** What happens to the board, one write after the other: each is an instant to look back at. */
function steps(): readonly Step[] {
  const { board } = life;
  let first: BoardTask;
  let second: BoardTask;
  let third: BoardTask;
  let fence = 0;
  const made = async (title: string, extra: object) => {
    const task = await board.newTask(place.project, title, { priority: "P0", phase: place.phase, ...extra });
    tasks.push(task);
    return task;
  };
  const note = (task: string) =>
    board.write("POST", "os_notes", { task, kind: "note", body: "Looked again." }, stack.secret(BUILDER));
  const release = {
    repository: place.repository,
    project: place.project,
    version: `0.0.${Date.now()}`,
    name: "Replayed",
  };
  const block = { reason: "Two rules differ.", blocked_type: "needs_human", owner: "Ines", action: "Choose." };
  return [
    { name: "a note on an old task", write: () => note(place.task35) },
    {
      name: "a defect",
      write: async () => {
        first = await made("Replayed defect", { class: "bug" });
      },
    },
    {
      name: "a task that waits for it",
      write: async () => {
        second = await made("Replayed work", {});
      },
    },
    {
      name: "a dependency",
      write: () => board.write("POST", "os_task_dependencies", { task: second.id, depends_on: first.id }),
    },
    {
      name: "a task at the end of the chain",
      write: async () => {
        third = await made("Replayed end", {});
      },
    },
    {
      // Stays open to the end, so that the graph of what is open moves on, too.
      name: "its dependency",
      write: () => board.write("POST", "os_task_dependencies", { task: third.id, depends_on: second.id }),
    },
    {
      name: "a claim",
      write: async () => {
        fence = await life.claim(first, "replay-1");
      },
    },
    { name: "a note", write: () => note(first.id) },
    {
      name: "a release of the claim",
      write: () =>
        life.verb(BUILDER, "release", { task: String(first.number), fence, reason: "Another knows it better." }),
    },
    {
      name: "a second claim",
      write: async () => {
        fence = await life.claim(first, "replay-2");
      },
    },
    { name: "a submission with its cost", write: () => life.submit(first, fence) },
    {
      name: "a review",
      write: async () => {
        fence = await life.review(first, "replay-3");
      },
    },
    { name: "a verdict and its receipt", write: () => life.pass(first, fence) },
    {
      name: "a release of the project",
      write: () => board.write("POST", "os_releases", { ...release, status: "planned" }),
    },
    {
      name: "the claim of what waited",
      write: async () => {
        fence = await life.claim(second, "replay-4");
      },
    },
    {
      name: "a block on a person",
      write: () => life.verb(BUILDER, "release", { task: String(second.number), fence, ...block }),
    },
    {
      name: "an edit of a task with a receipt",
      write: () => board.write("PATCH", `os_tasks/${place.proven.id}`, { title: `${place.proven.title} (again)` }),
    },
  ];
}

interface Picture {
  readonly when: string;
  readonly path: string;
  /** Asked for with this, the page must be `text` again. */
  readonly token: string;
  readonly text: string;
}

async function takePicture(when: string, view: string): Promise<Picture> {
  const html = await read(view);
  const token = /\sdata-at="([^"]+)"/.exec(html)?.[1];
  if (token === undefined) throw new Error(`${view} names no instant.`);
  return { when, path: view, token, text: shown(html) };
}

/** Where the stream is when it has read everything that was written. */
async function settledCursor(): Promise<string> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; ) {
    const { cursor } = JSON.parse(await read("/api/changes"));
    const { rows } = await superuser.query<{ place: string }>(
      "select e.xid::text || ':' || e.id as place from public.os_events e order by e.xid desc, e.id desc limit 1",
    );
    const at = parseCursor(cursor);
    if (at !== null && `${at.xid}:${at.id}` === rows[0]?.place) return cursor;
  }
  throw new Error("The stream did not come to the end of the trail.");
}

/** An export says no age and no time of reading, so that a cursor, which is no instant of a clock, must give the very bytes. */
async function takeExport(when: string): Promise<Picture> {
  for (;;) {
    const token = await settledCursor();
    const text = await read("/list.csv");
    if ((await settledCursor()) === token) return { when, path: "/list.csv", token, text };
  }
}

async function differences(pictures: readonly Picture[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { when, path, token, text } of pictures) {
    const answer = await read(at(path, token));
    const replay = path.endsWith(".csv") ? answer : shown(answer);
    if (replay !== text) found.push(`${path} before ${when}: ${firstDifference(text, replay)}`);
  }
  return found;
}

it("every view, asked for any of the instants that have passed, shows byte for byte what it showed then", async () => {
  const whole: Picture[] = [];
  for (const view of VIEWS) whole.push(await takePicture("everything", view));
  const lists = new Map<string, string>();
  for (const path of EXPORTS) lists.set(path, await read(path));
  const lastToken = whole.at(-1)?.token ?? "";

  const between: Picture[] = [];
  const cursors: Picture[] = [];
  for (const { name, write } of steps()) {
    for (const view of OFTEN) between.push(await takePicture(name, view));
    cursors.push(await takeExport(name));
    await write();
  }
  const instants = new Set(cursors.map(({ token }) => token));
  expect(instants.size).toBe(cursors.length);
  expect(instants.size).toBeGreaterThan(10);

  const unchanged: string[] = [];
  for (const { path, text } of whole) if (shown(await read(path)) === text) unchanged.push(path);
  // Else the test would prove nothing: the board had to move on under every view but these.
  expect(unchanged.filter((path) => !UNTOUCHED.includes(path))).toEqual([]);
  const different = [...(await differences(whole)), ...(await differences(between)), ...(await differences(cursors))];
  for (const [path, text] of lists) {
    if ((await read(at(path, lastToken))) !== text) different.push(path);
  }
  expect(different).toEqual([]);
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
