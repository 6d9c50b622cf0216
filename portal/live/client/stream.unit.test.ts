import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readLive, writeLive } from "./store.ts";
import { LiveStream } from "./stream.ts";

/** The line between the page and the portal, as the page sees it. */
const line = { greets: true, beats: true, answers: true, view: true, build: "b1" };
const sources = new Set<Line>();
let asked: string[] = [];
let opened: string[] = [];
/** When the rows of the page were read; null: it does not say. */
let stamp: string | null = null;

const hello = () => ({ now: Date.now(), cursor: "c", build: line.build, hasView: line.view, lacksRoom: !line.view });

/** The browser's EventSource as far as the page uses it: messages come when the line lets them through. */
class Line {
  readonly #listeners = new Map<string, ((message: unknown) => void)[]>();
  readonly #beats: ReturnType<typeof setInterval>;

  constructor(address: string) {
    opened.push(address);
    sources.add(this);
    if (line.greets) setTimeout(() => this.say("hello", { ...hello(), state: { state: "live" }, leases: [] }), 5);
    this.#beats = setInterval(() => {
      if (line.beats) this.say("pulse", { now: Date.now(), leases: [], gone: [] });
    }, 10_000);
  }

  addEventListener(name: string, take: (message: unknown) => void): void {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), take]);
  }

  say(name: string, words: unknown, lastEventId = ""): void {
    for (const take of this.#listeners.get(name) ?? []) take({ data: JSON.stringify(words), lastEventId });
  }

  close(): void {
    clearInterval(this.#beats);
    sources.delete(this);
  }
}

const fetchChanges = async (address: string) => {
  asked.push(address);
  if (!line.answers) throw new TypeError("Failed to fetch");
  const words = { ...hello(), state: { state: "live" }, leases: [], events: [], view: null };
  return new Response(JSON.stringify(words), { status: 200, headers: { etag: '"1"' } });
};

let page: { readonly dataset: Record<string, string> };
/** Null: a page without a masthead. */
let pill: object | null = {};
let reload = vi.fn();

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  page = { dataset: { build: "b1" } };
  pill = {};
  reload = vi.fn();
  const document = { hidden: false, documentElement: page, addEventListener: () => undefined };
  const reading = { getAttribute: () => stamp };
  vi.stubGlobal("document", {
    ...document,
    querySelector: (css: string) => (css === ".fresh" ? pill : css === "[data-live-read]" ? reading : null),
    querySelectorAll: () => [],
  });
  vi.stubGlobal("location", { pathname: "/", search: "", reload });
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("EventSource", Line);
  vi.stubGlobal("fetch", fetchChanges);
  Object.assign(line, { greets: true, beats: true, answers: true, view: true, build: "b1" });
  asked = [];
  opened = [];
  stamp = null;
  writeLive({ phase: "still" });
});

afterEach(() => {
  for (const source of sources) source.close();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1_000);
const phase = () => readLive().phase;

test("a stream that greets and beats is live, and nobody polls", async () => {
  new LiveStream();
  await seconds(300);
  expect([phase(), opened.length, asked.length]).toEqual(["live", 1, 0]);
});

test("a line that holds the stream back leads to polling within 45 s, and back to the stream when it lets it through", async () => {
  Object.assign(line, { greets: false, beats: false });
  new LiveStream();
  await seconds(45);
  expect(phase()).toBe("live");
  expect(asked.length).toBeGreaterThan(0);
  const before = asked.length;
  await seconds(60);
  // Each attempt at the stream leaves the polling as it is.
  expect(asked.length - before).toBeGreaterThanOrEqual(29);
  expect(phase()).toBe("live");
  Object.assign(line, { greets: true, beats: true });
  await seconds(120);
  const polled = asked.length;
  await seconds(120);
  expect([phase(), asked.length, sources.size]).toEqual(["live", polled, 1]);
});

test("a line that lets a greeting through and then nothing more leads to polling, too", async () => {
  line.beats = false;
  new LiveStream();
  await seconds(26);
  expect(phase()).toBe("stale");
  await seconds(90);
  expect(phase()).toBe("live");
  expect(asked.length).toBeGreaterThan(0);
});

test("a portal that is away is offline, and comes back by itself", async () => {
  new LiveStream();
  await seconds(20);
  Object.assign(line, { greets: false, beats: false, answers: false });
  for (const source of [...sources]) source.say("error", null);
  await seconds(30);
  expect(phase()).toBe("offline");
  Object.assign(line, { greets: true, beats: true, answers: true });
  await seconds(15);
  expect(phase()).toBe("live");
  await seconds(60);
  const polled = asked.length;
  await seconds(60);
  expect([phase(), asked.length]).toEqual(["live", polled]);
});

test("a page for which there was no room stands still, and is live as soon as there is some", async () => {
  line.view = false;
  new LiveStream();
  await seconds(20);
  expect([phase(), page.dataset["stream"]]).toEqual(["still", "still"]);
  line.view = true;
  await seconds(15);
  expect(phase()).toBe("live");
});

/** What a line was asked for. */
const query = (address = "") => Object.fromEntries(new URL(address, "http://portal.invalid").searchParams);
const sayAll = (name: string, words: unknown, id?: string) => {
  for (const source of [...sources]) source.say(name, words, id);
};

test("a stream that is opened anew resumes after the last event that it heard, and names the reading that it has", async () => {
  new LiveStream();
  expect(query(opened[0])).toEqual({ view: "/" });
  await seconds(1);
  sayAll("error", null);
  await seconds(2);
  // Nothing was heard but the greeting: its cursor is where the page began.
  expect(query(opened[1])).toEqual({ view: "/", after: "c" });
  stamp = "2026-11-22T12:00:00.000Z";
  sayAll("events", [{ id: 7 }], "cursor-7");
  sayAll("events", [], "cursor-8");
  sayAll("error", null);
  await seconds(2);
  expect(query(opened[2])).toEqual({ view: "/", after: "cursor-8", stamp });
  expect(opened).toHaveLength(3);
});

test("a greeting does not move the cursor of a page that has heard events", async () => {
  new LiveStream();
  await seconds(1);
  sayAll("events", [{ id: 7 }], "cursor-7");
  sayAll("hello", { ...hello(), state: { state: "live" }, leases: [] });
  sayAll("error", null);
  await seconds(2);
  expect(query(opened[1])).toMatchObject({ after: "cursor-7" });
});

test("a reset voids the cursor, and the next greeting gives another", async () => {
  new LiveStream();
  await seconds(1);
  sayAll("events", [{ id: 7 }], "cursor-7");
  sayAll("reset", { reason: "too_old" });
  sayAll("error", null);
  await seconds(2);
  expect(query(opened[1])).toEqual({ view: "/" });
  sayAll("error", null);
  await seconds(3);
  expect(query(opened[2])).toEqual({ view: "/", after: "c" });
});

test("a page that polls asks for what came after the last event of the stream", async () => {
  new LiveStream();
  await seconds(1);
  sayAll("events", [{ id: 7 }], "cursor-7");
  Object.assign(line, { greets: false, beats: false });
  sayAll("error", null);
  await seconds(45);
  expect(query(asked[0])).toMatchObject({ view: "/", after: "cursor-7" });
  // An answer says how far it goes.
  expect(query(asked[1])).toMatchObject({ after: "c" });
});

test("a page of an older build says so, loads nothing by itself, and takes it back when its own build answers again", async () => {
  new LiveStream();
  await seconds(90);
  expect(readLive().isOtherBuild).toBe(false);
  line.build = "b2";
  for (const source of [...sources]) source.say("error", null);
  await seconds(10);
  expect([phase(), readLive().isOtherBuild]).toEqual(["live", true]);
  line.build = "b1";
  for (const source of [...sources]) source.say("error", null);
  await seconds(10);
  expect(readLive().isOtherBuild).toBe(false);
  expect(reload).not.toHaveBeenCalled();
});

test.each(["a frame", "a wall"])(
  "a page of an older build in %s loads itself anew, once it has stood a minute",
  async (where) => {
    if (where === "a frame") pill = null;
    else page.dataset["kiosk"] = "true";
    line.build = "b2";
    new LiveStream();
    await seconds(50);
    expect([readLive().isOtherBuild, reload.mock.calls.length]).toEqual([true, 0]);
    await seconds(20);
    for (const source of [...sources]) source.say("error", null);
    await seconds(10);
    expect(reload).toHaveBeenCalled();
  },
);
