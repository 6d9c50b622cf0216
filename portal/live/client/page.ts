/** One page's share of the stream: it hears messages and changes what is seen. */
import { hearClock, hearLeases, tick } from "./clock.ts";
import type { BoardWords, EventWords, Hello, PulseWords, ViewWords } from "./messages.ts";
import { isCurrent, phaseOf, type StreamFacts } from "./phase.ts";
import { applyRegions } from "./regions.ts";
import { readLive, writeLive } from "./store.ts";
import type { Arrival } from "./travel.ts";

/** Between two loads that nobody asked for. */
const SELF_LOAD_MS = 60_000;

export class LivePage {
  #facts: StreamFacts = { isPaused: false, hasView: true, link: "none", heardAt: null, lostAt: 0, board: "starting" };
  #board: BoardWords = { state: "starting" };

  get isPaused(): boolean {
    return this.#facts.isPaused;
  }

  /** The instant of the rows that the page shows, as the server wrote it. */
  get stamp(): string | null {
    return document.querySelector("[data-live-read]")?.getAttribute("data-live-read") ?? null;
  }

  pause(isPaused: boolean): void {
    this.#change({ isPaused });
    writeLive({ waiting: 0 });
  }

  setLink(link: StreamFacts["link"]): void {
    if (link === this.#facts.link) return;
    const isLost = link !== "open" && (this.#facts.link === "open" || this.#facts.link === "none");
    this.#change({ link, ...(isLost ? { lostAt: performance.now() } : {}) });
  }

  /** Any message proves that the stream lives. */
  hear(): void {
    this.#change({ heardAt: performance.now() });
  }

  hello({ now, build, hasView, state, leases }: Hello): void {
    this.#compareBuilds(build);
    this.#change({ hasView });
    this.state(state);
    if (now !== null) this.pulse({ now, leases, gone: "others" });
  }

  /** The pill says so and offers the new page. A page on a wall or in a frame has nobody to press it: it takes it by itself. */
  #compareBuilds(build: string | undefined): void {
    const { build: own, kiosk } = document.documentElement.dataset;
    const isOtherBuild = build !== undefined && own !== undefined && build !== own;
    writeLive({ isOtherBuild });
    const isAlone = kiosk !== undefined || document.querySelector(".fresh") === null;
    // Not sooner: two portals of two builds behind one name must not make it load for ever.
    if (isOtherBuild && isAlone && !this.isPaused && performance.now() > SELF_LOAD_MS) location.reload();
  }

  state(board: BoardWords): void {
    this.#board = board;
    this.#change({ board: board.state });
    // What can no longer be known stops glowing with the words that say so, not a second later.
    this.tick();
  }

  pulse({ now, leases, gone }: PulseWords): void {
    hearClock(now);
    hearLeases(leases, gone);
    this.tick();
  }

  events(events: readonly EventWords[]): void {
    const last = events.at(-1);
    if (last === undefined) return;
    if (this.isPaused) writeLive({ waiting: readLive().waiting + events.length });
    else writeLive({ eventId: last.id });
  }

  view({ stamp, title, regions }: ViewWords): void {
    if (this.isPaused) return;
    if (!applyRegions(regions)) location.reload();
    document.querySelector("[data-live-read]")?.setAttribute("data-live-read", stamp);
    if (title !== "") document.title = decodeText(title);
    writeLive({ readAt: Date.parse(stamp) });
    this.tick();
  }

  /** Another page of the view stands there: as if it had just been loaded. */
  arrive({ stamp, token, title }: Arrival): void {
    const root = document.querySelector("[data-live-read]");
    root?.setAttribute("data-live-read", stamp);
    root?.setAttribute("data-at", token);
    document.title = title;
    this.#change({ isPaused: false, hasView: true });
    writeLive({ readAt: Date.parse(stamp), waiting: 0 });
    this.tick();
  }

  /** Once a second: what counts goes on counting, and silence is noticed. */
  tick(): void {
    this.#show();
    tick(isCurrent(this.#phase()));
  }

  #phase() {
    return phaseOf(this.#facts, performance.now());
  }

  #change(change: Partial<StreamFacts>): void {
    this.#facts = { ...this.#facts, ...change };
    this.#show();
  }

  #show(): void {
    const phase = this.#phase();
    document.documentElement.dataset["stream"] = phase;
    writeLive({ phase, heldBy: this.#board.pid ?? null, downSince: this.#board.since ?? null });
  }
}

function decodeText(html: string): string {
  const box = document.createElement("textarea");
  box.innerHTML = html;
  return box.value;
}
