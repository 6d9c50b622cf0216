import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { extractRegions } from "./regions.ts";
import type { ViewAnswer } from "./view-renderer.ts";
import { type View, Views } from "./views.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const page = (words: string, dueAt = Number.POSITIVE_INFINITY): ViewAnswer => ({
  regions: extractRegions(`<main data-live="main">${words}</main>`),
  title: words,
  stamp: "2026-11-22T12:00:00.000Z",
  dueAt,
});

/** Somebody who reads a view, and the words that reached the page. */
function read(view: View | null) {
  const heard: string[] = [];
  const watcher = { send: (frame: Uint8Array) => heard.push(/<main[^>]*>(.*)<\/main>/.exec(decode(frame))?.[1] ?? "") };
  view?.watchers.add(watcher);
  return { heard, leave: () => view?.watchers.delete(watcher) };
}
const decode = (frame: Uint8Array) =>
  JSON.stringify(JSON.parse(new TextDecoder().decode(frame).split("data: ")[1] ?? "").regions);

const open = (views: Views, paths: readonly string[]) =>
  paths.map((path) => {
    vi.advanceTimersByTime(1);
    return views.open(path);
  });
const junk = (count: number) => Array.from({ length: count }, (_, at) => `/list?q=${at}`);

test("what its reader has just read is rendered in a while, or with the next change, and not for a reader who left", async () => {
  const rendered: string[] = [];
  const views = new Views(async (path) => {
    rendered.push(path);
    return page(path);
  });
  const [still, changed, left] = open(views, ["/claims", "/board", "/list"]);
  for (const view of [still, changed]) read(view ?? null);
  const gone = read(left ?? null);
  for (const view of [still, changed, left]) if (view != null) views.touchSoon(view);
  gone.leave();
  await vi.advanceTimersByTimeAsync(2_900);
  expect(rendered).toEqual([]);
  if (changed != null) views.touch(changed);
  await vi.advanceTimersByTimeAsync(50);
  expect(rendered).toEqual(["/board"]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(rendered).toEqual(["/board", "/claims"]);
});

test("junk that nobody watches any more makes room for a reader, the oldest first", () => {
  const views = new Views(async () => "absent");
  open(views, junk(64));
  expect(views.open("/tasks/65")).not.toBeNull();
  expect(views.size).toBe(64);
  const [oldest, kept] = [views.open("/list?q=1"), views.open("/list?q=63")];
  expect([oldest?.usedAt, kept?.usedAt]).toEqual([Date.now(), Date.now()]);
  open(views, ["/tasks/66"]);
  // The one that was asked for again just now stayed; the next oldest left.
  expect(views.open("/list?q=1")).toBe(oldest);
  expect(views.open("/list?q=63")).toBe(kept);
});

test("a view that is watched, or whose reader is on the way, is never dropped; its flood crowds out no place of the portal", () => {
  const views = new Views(async () => "absent");
  const all = open(views, junk(64));
  for (const view of all.slice(1)) read(view);
  const [first] = all;
  if (first != null) first.coming += 1;
  expect(views.open("/tasks/65")).toBeNull();
  expect(views.open("/list?q=0")).toBe(first);
  for (const path of ["/", "/board", "/timeline?theme=console"]) expect(views.open(path), path).not.toBeNull();
});

test("what could not be rendered is rendered again a second later, without a further event", async () => {
  const render = vi.fn<() => Promise<ViewAnswer>>(async () => page("too often"));
  render.mockResolvedValueOnce(page("old")).mockResolvedValueOnce(null).mockResolvedValueOnce(page("new"));
  const views = new Views(render);
  const view = views.open("/board");
  const reader = read(view);
  views.touchAll();
  await vi.advanceTimersByTimeAsync(10);
  views.touchAll();
  await vi.advanceTimersByTimeAsync(10);
  expect(reader.heard).toEqual(["old"]);
  expect(view?.isDirty).toBe(true);
  await vi.advanceTimersByTimeAsync(900);
  expect(render).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(200);
  expect(reader.heard).toEqual(["old", "new"]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(render).toHaveBeenCalledTimes(3);
});

test("a page that goes on failing is asked for ever less often, and at once when an outage ends", async () => {
  const render = vi.fn(async (): Promise<ViewAnswer> => null);
  const views = new Views(render);
  read(views.open("/board"));
  views.touchAll();
  await vi.advanceTimersByTimeAsync(7_500);
  expect(render).toHaveBeenCalledTimes(4);
  for (let at = 0; at < 50; at += 1) views.touchAll();
  await vi.advanceTimersByTimeAsync(0);
  expect(render).toHaveBeenCalledTimes(4);
  views.touchAll(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(render).toHaveBeenCalledTimes(5);
});

test("a view that was dropped and came back has another version, so that nobody takes it for what was polled before", async () => {
  const views = new Views(async (path) => page(path));
  const versions: number[] = [];
  for (let round = 0; round < 2; round += 1) {
    const view = views.open("/list?q=polled");
    expect(view?.version).toBe(0);
    if (view !== null) views.touch(view);
    await vi.advanceTimersByTimeAsync(10);
    versions.push(view?.version ?? 0);
    open(views, junk(64));
  }
  expect(versions[1]).toBeGreaterThan(versions[0] ?? 0);
});

test("what only one address shows renders its views alone, whatever their query", async () => {
  const rendered: string[] = [];
  const views = new Views(async (path) => {
    rendered.push(path);
    return page(path);
  });
  open(views, ["/", "/timeline", "/timeline?range=1h", "/timelines"]);
  views.touchAt("/timeline");
  await vi.advanceTimersByTimeAsync(10);
  expect(rendered).toEqual(["/timeline", "/timeline?range=1h"]);
});

test("a page that is not there is not asked for again before the next event", async () => {
  const render = vi.fn(async (): Promise<ViewAnswer> => "absent");
  const views = new Views(render);
  read(views.open("/tasks/999999"));
  views.touchAll();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(render).toHaveBeenCalledTimes(1);
  views.touchAll();
  await vi.advanceTimersByTimeAsync(0);
  expect(render).toHaveBeenCalledTimes(2);
});

test("a view that says when it will look different is rendered at that instant of the board, once", async () => {
  let asked = 0;
  const views = new Views(async () => {
    asked += 1;
    return asked === 1 ? page("as it is", 5_000) : page("slow");
  });
  const [view = null] = open(views, ["/"]);
  const { heard } = read(view);
  if (view !== null) views.touch(view);
  await vi.advanceTimersByTimeAsync(1_000);
  views.touchDue(4_999);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(heard).toEqual(["as it is"]);
  for (const now of [5_000, 5_500, 60_000]) {
    views.touchDue(now);
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect([asked, heard]).toEqual([2, ["as it is", "slow"]]);
});

test("who comes back while a change is on its way gets all that the page lacks, not only that change", async () => {
  const words = [
    ["one", "one"],
    ["two", "one"],
    ["two", "two"],
    ["two", "two"],
  ];
  let nth = 0;
  const stampOf = (at: number) => `2026-11-22T12:00:0${at}.000Z`;
  const views = new Views(async () => {
    nth += 1;
    const [a, b] = words[nth - 1] ?? [];
    const html = `<main data-live="main"><p data-live="a">${a}</p><p data-live="b">${b}</p></main>`;
    return { ...{ regions: extractRegions(html), title: "" }, stamp: stampOf(nth), dueAt: Number.POSITIVE_INFINITY };
  });
  const view = views.open("/board");
  if (view === null) throw new Error("There was no room.");
  const join = (stamp: string) => {
    const heard: string[] = [];
    const watcher = { send: (frame: Uint8Array) => void heard.push(decode(frame)) };
    view.watchers.add(watcher);
    views.bring(view, watcher, stamp, false);
    return heard;
  };
  const stayed = join(stampOf(0));
  await vi.advanceTimersByTimeAsync(1_000);
  views.touchAll();
  await vi.advanceTimersByTimeAsync(1_000);
  views.touchAll();
  views.touchAll();
  // Its page is the first that was rendered; it was away, or paused, when the second came.
  const back = join(stampOf(1));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(stayed.slice(1, 3).map((regions) => Object.keys(JSON.parse(regions)))).toEqual([["a"], ["b"]]);
  expect(back[0]).toContain("two");
  expect(Object.keys(JSON.parse(back[0] ?? "{}"))).toEqual(["main"]);
});
