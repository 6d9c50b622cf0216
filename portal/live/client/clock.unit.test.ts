import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { hearClock, hearLeases, tick } from "./clock.ts";

const START = 1_700_000_000_000;

class Picture {
  readonly dataset: Record<string, string>;
  readonly classList = { contains: () => false };
  readonly #attributes = new Map<string, string>();

  constructor(dataset: Record<string, string>) {
    this.dataset = dataset;
  }
  getAttribute = (name: string) => this.#attributes.get(name) ?? null;
  setAttribute = (name: string, value: string) => void this.#attributes.set(name, value);
  querySelector = () => null;
}

const span = (dataset: Record<string, string>) => ({ dataset, childNodes: [], textContent: "as read" });
/** A claim of 600 s that beat when the board's clock stood at START. */
const ember = () =>
  new Picture({ lease: "7:1", since: String(START), until: String(START + 600_000), length: "600", kind: "work" });

let shown: unknown[] = [];

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  vi.stubGlobal("SVGElement", Picture);
  vi.stubGlobal("Node", { TEXT_NODE: 3 });
  vi.stubGlobal("document", { querySelectorAll: () => shown });
  hearClock(START);
});
afterEach(() => {
  hearLeases([], "others");
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("a duration counts on while the page is current, and stands when it is not", () => {
  const age = span({ since: String(START - 3_000) });
  shown = [age];
  vi.advanceTimersByTime(5_000);
  tick(true);
  expect(age.textContent).toBe("8 s");
  vi.advanceTimersByTime(60_000);
  tick(false);
  expect(age.textContent).toBe("8 s");
});

test("an ember glows on evidence only, and its duration follows the heartbeats", () => {
  const picture = ember();
  const beat = span({ lease: "7:1", since: String(START) });
  shown = [picture, beat];
  tick(true);
  expect(picture.getAttribute("class")).toBe("ember is-fresh m");
  vi.advanceTimersByTime(30_000);
  hearClock(START + 30_000);
  hearLeases([[7, 1, START + 29_000, START + 629_000, 600]], []);
  tick(true);
  expect([picture.getAttribute("class"), beat.textContent]).toEqual(["ember is-fresh m", "1 s"]);
  tick(false);
  expect(picture.getAttribute("class")).toBe("ember is-unknown m");
});

test("a whole list of leases takes away those that it does not name", () => {
  const beat = span({ lease: "7:1", since: String(START - 9_000) });
  shown = [beat];
  hearLeases([[7, 1, START - 1_000, START + 599_000, 600]], []);
  tick(true);
  expect(beat.textContent).toBe("1 s");
  hearLeases([], "others");
  tick(true);
  expect(beat.textContent).toBe("9 s");
});
