import { afterAll, beforeAll, expect, it } from "vitest";
import { HISTORY } from "../../test/support/portal-history.ts";
import { type PortalReading, startPortalReading } from "../../test/support/portal-reading.ts";
import { parseEventFilter } from "../view/event-filter.ts";
import { parseListFilter } from "../view/list-filter.ts";
import { readClaims } from "./claims.ts";
import { readCosts } from "./costs.ts";
import { readLog } from "./events.ts";
import { readGraph } from "./graph.ts";
import { readList } from "./list.ts";
import { readPhases } from "./phases.ts";
import { readLedger, readReceipt } from "./receipts.ts";
import { readRelease, readReleases } from "./releases.ts";
import { readTask } from "./task.ts";
import { readTaskSnapshot } from "./task-snapshot.ts";
import { readTimeline } from "./timeline.ts";

let reading: PortalReading;
beforeAll(async () => {
  reading = await startPortalReading();
  await reading.boardWith(HISTORY);
});
afterAll(async () => {
  await reading.forget();
  await reading.stop();
});

const numbers = (tasks: readonly { readonly number: number }[]) => tasks.map(({ number }) => number);

it("the list holds what its filters leave, in its order, and says of how many", async () => {
  const all = await readList(parseListFilter({}));
  expect([numbers(all.tasks), all.matching, all.all]).toEqual([[3, 2, 1], 3, 3]);
  expect(numbers((await readList(parseListFilter({ order: "priority" }))).tasks)).toEqual([2, 1, 3]);
  const bugs = await readList(parseListFilter({ class: "bug" }));
  expect([numbers(bugs.tasks), bugs.matching, bugs.all]).toEqual([[2], 1, 3]);
  expect(bugs.tasks[0]?.ember?.state).toBe("fresh");
  expect(numbers((await readList(parseListFilter({ q: "PROVEN" }))).tasks)).toEqual([1]);
  expect((await readList(parseListFilter({ page: "2" }))).tasks).toEqual([]);
  expect(all.facets.filter(({ facet }) => facet === "class").map(({ value, tasks }) => [value, tasks])).toEqual([
    ["bug", 1],
    ["chore", 1],
    ["feature", 1],
  ]);
});

it("the timeline holds every claim of its stretch, newest first, and an ember for the one that is held", async () => {
  const { claims, isCut } = await readTimeline(null, null);
  expect(claims.map(({ task, epoch, ended_by, ember }) => [task, epoch, ended_by, ember?.state ?? null])).toEqual([
    [2, 1, null, "fresh"],
    [1, 2, "verdict", null],
    [1, 1, "submitted", null],
  ]);
  expect(isCut).toBe(false);
  expect((await readTimeline(3_600, null)).claims.map(({ task }) => task)).toEqual([2]);
  expect((await readTimeline(null, "P9")).claims).toEqual([]);
});

it("the graph holds open tasks that wait, or all, and says who waits for whom", async () => {
  const all = await readGraph({ withClosed: true, phase: null, focus: null });
  expect([numbers(all.tasks), all.edges, all.isCut]).toEqual([[2, 1], [{ from: 1, to: 2 }], false]);
  const open = await readGraph({ withClosed: false, phase: null, focus: null });
  expect([numbers(open.tasks), open.edges]).toEqual([[2], []]);
});

it("around a task the graph is whole, whatever the filters, and a task without a neighbour is still there", async () => {
  const around = await readGraph({ withClosed: false, phase: "P9", focus: 1 });
  expect([numbers(around.tasks), around.edges]).toEqual([[1, 2], [{ from: 1, to: 2 }]]);
  expect(numbers((await readGraph({ withClosed: false, phase: null, focus: 3 })).tasks)).toEqual([3]);
  expect((await readGraph({ withClosed: true, phase: null, focus: 4 })).tasks).toEqual([]);
});

it("claims are told apart by how they ended", async () => {
  const { ended, endings, leases } = await readClaims(null, null);
  expect(ended.map(({ task, epoch }) => [task, epoch])).toEqual([
    [1, 2],
    [1, 1],
  ]);
  expect(endings).toEqual([
    { ending: "accepted", claims: 1 },
    { ending: "verdict", claims: 1 },
  ]);
  expect(leases.map(({ task }) => task)).toEqual([2]);
  expect((await readClaims("accepted", null)).ended.map(({ epoch }) => epoch)).toEqual([1]);
  expect((await readClaims(null, "a02")).ended.map(({ epoch }) => epoch)).toEqual([2]);
});

it("the log goes from the newest event back, and its total is that of its filters", async () => {
  const all = await readLog(parseEventFilter({}));
  const ids = all.events.map(({ id }) => id);
  expect(ids).toEqual(ids.toSorted((a, b) => b - a));
  expect([all.matching, all.all, all.hasMore]).toEqual([ids.length, ids.length, false]);
  const ofTask = await readLog(parseEventFilter({ task: "1", entity: "os_tasks" }));
  expect(new Set(ofTask.events.map(({ task }) => task))).toEqual(new Set([1]));
  expect(ofTask.matching).toBe(ofTask.events.length);
  expect(ofTask.matching).toBeLessThan(ofTask.all);
  expect(ofTask.all).toBe(all.all);
  expect(ofTask.events.some(({ kind }) => kind === "verified")).toBe(true);
  const middle = ids[3] ?? 0;
  expect((await readLog(parseEventFilter({ before: String(middle + 1) }))).events[0]?.id).toBe(middle);
  expect(all.events.filter(({ task_title }) => task_title === "Secret")).toEqual([]);
});

it("phases count their tasks, and the burn-up counts each once", async () => {
  const { phases, burn, span } = await readPhases();
  expect(phases.map(({ key, tasks, tasks_done }) => [key, tasks, tasks_done])).toEqual([["P0", 2, 1]]);
  const sum = (kind: string) => burn.reduce((total, row) => total + (row.kind === kind ? row.tasks : 0), 0);
  expect([sum("created"), sum("verified")]).toEqual([3, 1]);
  expect(span === null ? null : span.from < span.to).toBe(true);
});

it("a release holds the tasks that were verified up to it", async () => {
  expect((await readReleases()).releases).toMatchObject([
    { repository: "open-api", repository_url: "https://git.example/open-api.git", version: "0.1.0" },
  ]);
  const release = await readRelease("open-api", "0.1.0");
  expect(release?.tasks).toMatchObject([{ number: 1, title: "Proven", receipt: 1 }]);
  expect(await readRelease("open-api", "9.9.9")).toBeNull();
});

it("running cost is counted by claim, phase and outcome, and hosting apart from it", async () => {
  const { running, paid, phases, rates } = await readCosts();
  expect(running).toMatchObject({ claims: 3, usd: 0.53, usd_discarded: 0, uncounted: 2 });
  expect(paid).toMatchObject([{ kind: "hosting", entries: 1, usd: 4.21 }]);
  expect(phases).toMatchObject([{ phase: "P0", verified: 1, usd: 0.53 }]);
  expect(rates.find(({ dimension }) => dimension === "all")).toMatchObject({ accepted: 1, discarded: 0 });
});

it("receipts come a page at a time, and their answers are counted over all", async () => {
  const { receipts, fleet } = await readLedger();
  expect([receipts.map(({ number }) => number), fleet]).toEqual([[1], [{ needed_fleet: "no", receipts: 1 }]]);
  const second = await readLedger(2);
  expect([second.receipts, second.fleet.length]).toEqual([[], 1]);
});

it("a task and its receipt know the repository of their project", async () => {
  const repository_url = "https://git.example/open-api.git";
  expect((await readTask(1))?.task).toMatchObject({ submitted_commit: "3f9c1e2", repository_url });
  expect((await readReceipt(1))?.receipt).toMatchObject({ task: 1, repository_url });
});

it("the snapshot holds every task in one row, and answers nothing when nothing has changed", async () => {
  const snapshot = await readTaskSnapshot(null);
  const { columns, tasks } = JSON.parse(snapshot?.json ?? "{}");
  expect(columns.slice(0, 3)).toEqual(["number", "title", "status"]);
  expect(tasks.map((row: readonly unknown[]) => row.slice(0, 3))).toEqual([
    [1, "Proven", "done"],
    [2, "Held", "in_progress"],
    [3, "Asks", "blocked"],
  ]);
  expect(await readTaskSnapshot(snapshot?.version ?? "")).toBeNull();
});
