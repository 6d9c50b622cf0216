/**
 * Keeps one page live: the stream while it works, polling while it does not (a proxy that holds messages back), and nothing while the page is
 * hidden for long. It never asks the reader to reload.
 */
import type { BoardWords, ChangesAnswer, EventWords, Hello, PulseWords, ViewWords } from "./messages.ts";
import { LivePage } from "./page.ts";
import { SILENCE_MS } from "./phase.ts";

const TICK_MS = 1_000;
const POLL_MS = 2_000;
const HIDDEN_MS = 60_000;
/** Between two questions of a page for which there was no room. */
const ROOM_MS = 30_000;
/** Streams that failed one after the other, before the page polls instead. */
const PATIENCE = 3;

let running: LiveStream | null = null;

/** One stream per page, whoever asks. */
export function openLiveStream(): LiveStream {
  running ??= new LiveStream();
  return running;
}

export class LiveStream {
  readonly #page = new LivePage();
  #source: EventSource | null = null;
  #cursor: string | null = null;
  #heardAt = performance.now();
  #failures = 0;
  #poll: ReturnType<typeof setTimeout> | undefined;
  #etag: string | null = null;
  #hiddenAt: number | null = null;
  /** When to ask for a view again, monotonic ms; null: the page has one, or never will. */
  #roomAt: number | null = null;

  constructor() {
    document.addEventListener("visibilitychange", () => this.#see());
    addEventListener("online", () => this.#reopen());
    setInterval(() => this.#watch(), TICK_MS);
    this.#open();
  }

  get isPaused(): boolean {
    return this.#page.isPaused;
  }

  /** Nothing on the page changes until it goes on; then it jumps to the present. */
  pause(isPaused: boolean): void {
    this.#page.pause(isPaused);
    if (!isPaused) this.#reopen();
  }

  #address(path: string): string {
    const query = new URLSearchParams({ view: `${location.pathname}${location.search}` });
    const { stamp } = this.#page;
    if (stamp !== null) query.set("stamp", stamp);
    if (this.#cursor !== null) query.set("after", this.#cursor);
    return `${path}?${query.toString()}`;
  }

  #open(): void {
    this.#close();
    this.#page.setLink("opening");
    this.#heardAt = performance.now();
    const source = new EventSource(this.#address("/api/stream"));
    this.#source = source;
    source.addEventListener("error", () => {
      this.#page.setLink("closed");
      this.#failures += 1;
      // A refusal closes it for good; a lost line is tried again by the browser, with an address that is out of date.
      this.#close();
      this.#retry();
    });
    this.#on<Hello>(source, "hello", (words) => {
      this.#cursor ??= words.cursor;
      this.#roomAt = words.lacksRoom ? performance.now() + ROOM_MS : null;
      this.#page.hello(words);
    });
    this.#on<BoardWords>(source, "state", (words) => this.#page.state(words));
    this.#on<PulseWords>(source, "pulse", (words) => this.#page.pulse(words));
    this.#on<ViewWords>(source, "view", (words) => this.#page.view(words));
    this.#on<readonly EventWords[]>(source, "events", (words, id) => {
      if (id !== "") this.#cursor = id;
      this.#page.events(words);
    });
    this.#on<unknown>(source, "reset", () => {
      this.#cursor = null;
    });
  }

  /** Messages are our own server's; their shapes stand in messages.ts. */
  #on<Words>(source: EventSource, name: string, take: (words: Words, id: string) => void): void {
    source.addEventListener(name, (message: MessageEvent<string>) => {
      if (source !== this.#source) return;
      this.#heardAt = performance.now();
      this.#failures = 0;
      this.#page.setLink("open");
      this.#page.hear();
      const words: Words = JSON.parse(message.data);
      take(words, message.lastEventId);
    });
  }

  #close(): void {
    this.#source?.close();
    this.#source = null;
    clearTimeout(this.#poll);
  }

  #reopen(): void {
    if (this.#hiddenAt === null || !document.hidden) this.#open();
  }

  #retry(): void {
    const wait = Math.min(10_000, 500 * 2 ** Math.min(this.#failures, 5)) * (0.75 + Math.random() / 2);
    clearTimeout(this.#poll);
    this.#poll = setTimeout(() => (this.#failures >= PATIENCE ? void this.#ask() : this.#open()), wait);
  }

  /** The same news by plain requests. Every tenth answer tries the stream again. */
  async #ask(): Promise<void> {
    try {
      const headers = this.#etag === null ? {} : { "If-None-Match": this.#etag };
      const answer = await fetch(this.#address("/api/changes"), { headers, cache: "no-store" });
      if (answer.status !== 200 && answer.status !== 304) throw new Error(String(answer.status));
      this.#heardAt = performance.now();
      this.#page.setLink("open");
      this.#page.hear();
      if (answer.status === 200) {
        const words: ChangesAnswer = await answer.json();
        this.#take(words, answer.headers.get("etag"));
      }
      this.#failures += 1;
      if (this.#failures % 10 === 0) return this.#open();
      this.#poll = setTimeout(() => void this.#ask(), POLL_MS);
    } catch {
      this.#page.setLink("closed");
      this.#failures += 1;
      this.#retry();
    }
  }

  #take({ events, view, ...hello }: ChangesAnswer, etag: string | null): void {
    this.#etag = etag;
    this.#cursor = hello.cursor;
    this.#page.hello(hello);
    if (events !== null) this.#page.events(events);
    if (view !== null) this.#page.view(view);
  }

  #watch(): void {
    if (this.#hiddenAt !== null && performance.now() - this.#hiddenAt > HIDDEN_MS && this.#source !== null) {
      this.#close();
      this.#page.setLink("closed");
    }
    this.#page.tick();
    if (this.#source !== null && this.#roomAt !== null && performance.now() > this.#roomAt) this.#open();
    // An open stream that says nothing is dead, whatever the browser believes.
    if (this.#source !== null && performance.now() - this.#heardAt > SILENCE_MS + 2_000) this.#open();
  }

  #see(): void {
    this.#hiddenAt = document.hidden ? performance.now() : null;
    if (!document.hidden && this.#source === null) this.#open();
  }
}
