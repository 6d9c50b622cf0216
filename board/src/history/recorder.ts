/** Writes down what clients asked and were told, while they ask. */
import { toMusterError } from "../errors.ts";
import type { Call } from "./history.ts";

/** What a client is about to ask. */
export type Intent = Pick<Call, "client" | "verb"> &
  Partial<Pick<Call, "task" | "op" | "fence" | "incarnation" | "base" | "poll">>;

/** What an answer said; all null for one that said nothing of a task. */
export type Told = Pick<Call, "task" | "version" | "epoch" | "answer">;

/** How a call ended for its caller. */
export type Outcome<T> =
  | { readonly result: "accepted"; readonly value: T }
  | { readonly result: "refused"; readonly code: string }
  | { readonly result: "unknown"; readonly cause: unknown };

/** Codes of a call of which nobody can say whether it happened. */
const UNKNOWN: readonly string[] = ["MUSTER_INTERNAL", "MUSTER_BOARD_UNAVAILABLE"];

export class Recorder {
  readonly calls: Call[] = [];
  /** How often each code came. */
  readonly codes: Record<string, number> = {};
  readonly #keepsRefusals: boolean;

  readonly #now: () => number;

  /**
   * @param keepsRefusals false: refusals are only counted, for runs whose calls do not fit into memory. Default true.
   * @param now milliseconds of a monotonic clock; processes whose calls go into one history need one that they share
   */
  constructor(keepsRefusals = true, now = () => performance.now()) {
    this.#keepsRefusals = keepsRefusals;
    this.#now = now;
  }

  /** Makes the call and writes down how it ended. Never rejects: an error of the connection is the outcome unknown. */
  async record<T>(intent: Intent, act: () => Promise<T>, read: (value: T) => Told): Promise<Outcome<T>> {
    const asked = this.#now();
    try {
      const value = await act();
      const told = read(value);
      this.add(intent, asked, "accepted", { ...told, task: told.task ?? intent.task ?? null });
      return { result: "accepted", value };
    } catch (cause) {
      const { code } = toMusterError(cause);
      const result = UNKNOWN.includes(code) ? "unknown" : "refused";
      this.refuse(intent, asked, code, result);
      return result === "unknown" ? { result, cause } : { result, code };
    }
  }

  /** Writes down a call that was told no, or nothing. @param asked the recorder's clock before it */
  refuse(intent: Intent, asked: number, code: string, result: "refused" | "unknown" = "refused"): void {
    this.codes[code] = (this.codes[code] ?? 0) + 1;
    if (result === "unknown" || this.#keepsRefusals) this.add(intent, asked, result, { code });
  }

  /** Writes down a call that ended just now. @param asked the recorder's clock before it */
  add(intent: Intent, asked: number, result: Call["result"], told: Partial<Told> & { readonly code?: string }): void {
    this.calls.push({
      task: null,
      op: null,
      fence: null,
      incarnation: null,
      base: null,
      poll: null,
      version: null,
      epoch: null,
      code: null,
      answer: null,
      ...intent,
      ...told,
      asked,
      answered: result === "unknown" ? null : this.#now(),
      result,
    });
  }
}
