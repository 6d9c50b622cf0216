/**
 * What the parts are measured on, and what they leave behind. Each part has a Chromium of its own and so much time; a board goes on to the
 * next part, unless a part broke on it or did not end: what hangs on it then is thrown away with it.
 */
import type { Browser } from "playwright-core";
import { openWholeBrowser } from "../../test/support/browser.ts";
import { type BenchBoard, raiseBoard } from "./board.ts";
import type { Row } from "./row.ts";
import { leaveStreams } from "./watcher.ts";

export interface Part {
  readonly name: string;
  /** How many tasks the board has. */
  readonly tasks: number;
  /** A part that takes longer is given up. Several times what it takes on two processors: the limit is there for what hangs. */
  readonly seconds: number;
  measure(board: BenchBoard, browser: Browser): Promise<Row | readonly Row[]>;
}

/** A Postgres, so many tasks, and a build of the portal where these sources have none yet. */
const RAISE_SECONDS = 600;
const CLOSE_SECONDS = 30;

export class Stage {
  readonly #say: (text: string) => void;
  #board: { readonly tasks: number; readonly board: BenchBoard } | null = null;
  /** Of Chromium, once it was started. */
  chromium = "";

  /** @param say one line of progress */
  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  /** What the part found. @throws Error when it broke or did not end in its time; the next part finds a fresh board. */
  async run({ name, tasks, seconds, measure }: Part): Promise<readonly Row[]> {
    const board = await this.#boardOf(tasks);
    const browser = await openWholeBrowser();
    this.chromium = browser.version();
    try {
      const rows = await this.#timed(name, () => within(seconds, name, async () => measure(board, browser)));
      return [rows].flat();
    } catch (error) {
      await this.clear();
      throw error;
    } finally {
      leaveStreams();
      await within(CLOSE_SECONDS, `the browser of ${name}`, () => browser.close()).catch((error) =>
        this.#say(String(error)),
      );
    }
  }

  /** Takes the board away; without one it does nothing. */
  async clear(): Promise<void> {
    const known = this.#board;
    this.#board = null;
    if (known === null) return;
    await within(CLOSE_SECONDS, "the end of the board", () => known.board.stop()).catch((error) =>
      this.#say(String(error)),
    );
  }

  async #boardOf(tasks: number): Promise<BenchBoard> {
    if (this.#board?.tasks === tasks) return this.#board.board;
    await this.clear();
    const name = `board of ${tasks.toLocaleString("en")} tasks`;
    const board = await this.#timed(name, () => within(RAISE_SECONDS, name, () => raiseBoard(tasks)));
    this.#board = { tasks, board };
    return board;
  }

  async #timed<T>(name: string, work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const took = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
    try {
      const result = await work();
      this.#say(`${name}: ${took()}`);
      return result;
    } catch (error) {
      this.#say(`${name}: gave up after ${took()}`);
      throw error;
    }
  }
}

/** What `work` answers. @throws Error after so many seconds; `work` itself goes on until what it waits for is taken away */
export async function within<T>(seconds: number, what: string, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`${what} did not end within ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([work(), overdue]);
  } finally {
    clearTimeout(timer);
  }
}
