/**
 * Keeps one page live: the stream while it works, polling while it does not (a proxy that holds messages back), and nothing while the page is
 * hidden for long. It never asks the reader to reload.
 */
import {
  type BoardWords,
  type ChangesAnswer,
  type EventWords,
  type Hello,
  NOW_HEADER,
  type PulseWords,
  type ViewWords,
} from "./messages.ts";
import { LivePage } from "./page.ts";
import { SILENCE_MS } from "./phase.ts";
import { travelWithinView } from "./travel.ts";

const TICK_MS = 1_000;
const POLL_MS = 2_000;
const HIDDEN_MS = 60_000;
/** Between two questions of a page for which there was no room. */
const ROOM_MS = 30_000;
/** Streams that failed one after the other, before the page polls instead. */
const PATIENCE = 3;
/** The server greets a stream at once; what has said nothing for so long is held back on the way. */
const HELLO_MS = 8_000;
/** A stream that still speaks so long after it was opened, past its first heartbeat, is no burst of what was held back. */
const TRUST_MS = 15_000;
/** Answers between two attempts to get from polling back to the stream; the first is made at the first answer. */
const PROBE = 30;

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
  #openedAt = 0;
  #heardAt = 0;
  #failures = 0;
  #poll: ReturnType<typeof setTimeout> | undefined;
  #isPolling = false;
  /** Answers since the page polls. */
  #answers = 0;
  /** Names the question that counts: an answer to an older one is dropped. */
  #question = 0;
  #etag: string | null = null;
  #hiddenAt: number | null = null;
  /** When to ask for a view again, monotonic ms; null: the page has one, or never will. */
  #roomAt: number | null = null;

  constructor() {
    document.addEventListener("visibilitychange", () => this.#see());
    addEventListener("online", () => this.#reopen());
    setInterval(() => this.#watch(), TICK_MS);
    travelWithinView((arrival) => {
      this.#page.arrive(arrival);
      this.#etag = null;
      this.#roomAt = null;
      this.#reopen();
    });
    this.#open();
  }

  get isPaused(): boolean {
    return this.#page.isPaused;
  }

  /** Nothing on the page changes until it goes on; then it jumps to the present. */
  pause(isPaused: boolean): void {
    this.#page.pause(isPaused);
    // What came meanwhile was not shown: it is asked for again.
    this.#etag = null;
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
    this.#stopPolling();
    this.#page.setLink("opening");
    this.#listen();
  }

  /** Leaves the link's state and the polling as they are: while the page polls it is an attempt. */
  #listen(): void {
    this.#close();
    this.#openedAt = performance.now();
    this.#heardAt = this.#openedAt;
    const source = new EventSource(this.#address("/api/stream"));
    this.#source = source;
    // A refusal closes it for good; a lost line is tried again by the browser, with an address that is out of date.
    source.addEventListener("error", () => {
      if (source === this.#source) this.#fail();
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
      const isTrusted = this.#heardAt - this.#openedAt > TRUST_MS;
      if (isTrusted) this.#failures = 0;
      if (this.#isPolling) {
        // What an attempt says may have been held back for long: the page goes on with what it asked for, until the stream is trusted.
        if (isTrusted) this.#open();
        return;
      }
      this.#page.setLink("open");
      this.#page.hear();
      const words: Words = JSON.parse(message.data);
      take(words, message.lastEventId);
    });
  }

  #close(): void {
    this.#source?.close();
    this.#source = null;
  }

  #stopPolling(): void {
    this.#isPolling = false;
    this.#question += 1;
    clearTimeout(this.#poll);
  }

  #reopen(): void {
    if (this.#hiddenAt !== null && document.hidden) return;
    if (this.#isPolling) void this.#ask();
    else this.#open();
  }

  #fail(): void {
    this.#close();
    this.#failures += 1;
    if (this.#isPolling) return;
    this.#page.setLink("closed");
    this.#retry();
  }

  #retry(): void {
    const wait = Math.min(10_000, 500 * 2 ** Math.min(this.#failures, 5)) * (0.75 + Math.random() / 2);
    if (!this.#isPolling && this.#failures >= PATIENCE) {
      this.#isPolling = true;
      this.#answers = 0;
      this.#etag = null;
    }
    clearTimeout(this.#poll);
    this.#poll = setTimeout(() => (this.#isPolling ? void this.#ask() : this.#open()), wait);
  }

  /** The same news by plain requests. */
  async #ask(): Promise<void> {
    this.#question += 1;
    const question = this.#question;
    clearTimeout(this.#poll);
    try {
      const headers = this.#etag === null ? {} : { "If-None-Match": this.#etag };
      const answer = await fetch(this.#address("/api/changes"), { headers, cache: "no-store" });
      if (answer.status !== 200 && answer.status !== 304) throw new Error(String(answer.status));
      const words: ChangesAnswer | null = answer.status === 200 ? await answer.json() : null;
      if (question !== this.#question) return;
      this.#page.setLink("open");
      this.#page.hear();
      const now = Number(answer.headers.get(NOW_HEADER));
      if (words !== null) this.#take(words, answer.headers.get("etag"));
      else if (now > 0) this.#page.pulse({ now, leases: [], gone: [] });
      if (this.#answers % PROBE === 0) this.#listen();
      this.#answers += 1;
      this.#poll = setTimeout(() => void this.#ask(), POLL_MS);
    } catch {
      if (question !== this.#question) return;
      this.#page.setLink("closed");
      this.#failures += 1;
      this.#answers = 0;
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
    if (this.#hiddenAt !== null && performance.now() - this.#hiddenAt > HIDDEN_MS) this.#rest();
    this.#page.tick();
    if (this.#source === null) return;
    if (!this.#isPolling && this.#roomAt !== null && performance.now() > this.#roomAt) this.#open();
    // An open stream that says nothing is dead, whatever the browser believes.
    const limit = this.#heardAt > this.#openedAt ? SILENCE_MS + 2_000 : HELLO_MS;
    if (performance.now() - this.#heardAt > limit) this.#fail();
  }

  #rest(): void {
    this.#close();
    this.#question += 1;
    clearTimeout(this.#poll);
    this.#page.setLink("closed");
  }

  #see(): void {
    this.#hiddenAt = document.hidden ? performance.now() : null;
    if (!document.hidden && this.#source === null) this.#reopen();
  }
}
