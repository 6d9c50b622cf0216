import { randomUUID } from "node:crypto";
import { CliError } from "../errors/cli-error.ts";
import type { Answer, BoardClient } from "./board-client.ts";
import type { Outbox, QueueableVerb } from "./outbox.ts";

/**
 * Sends an operation behind what waits; when the board cannot be asked, keeps it in the outbox under the same operation id and says so.
 * @param told gets what became of those that waited, before the operation itself is sent
 * @throws BoardRefusal; CliError BOARD_UNREACHABLE after the operation was kept; CliError OUTBOX_DAMAGED before anything was sent
 */
export async function deliver(
  board: BoardClient,
  outbox: Outbox,
  verb: QueueableVerb,
  args: Answer,
  told: (replayed: readonly Replayed[]) => void,
): Promise<Answer> {
  const op = typeof args["key"] === "string" ? args["key"] : randomUUID();
  try {
    told(await replayOutbox(board, outbox));
    return await board.call(verb, { ...args, key: op });
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== "BOARD_UNREACHABLE") throw error;
    const { key: _, ...kept } = args;
    outbox.keep({ op, verb, args: kept });
    throw new CliError("BOARD_UNREACHABLE", {
      message: `${error.message} The operation is kept in the outbox as ${op}; ${outbox.waiting().length} waiting.`,
      hint: "When the board is back: elk-os board replay. It is applied exactly once, even if this call did reach the board.",
      cause: error,
      facts: { kept: true, op, outbox: outbox.path },
    });
  }
}

export interface Replayed {
  readonly op: string;
  readonly verb: string;
  /** applied, duplicate (it had reached the board), or rejected (the law's answer; late work is kept as a note on the task). */
  readonly result: string;
  readonly answer: Answer;
}

/** Sends what waits, in order, each at most once by its operation id. A refusal never holds up what comes behind it. */
export async function replayOutbox(board: BoardClient, outbox: Outbox): Promise<readonly Replayed[]> {
  const done: Replayed[] = [];
  for (const { op, verb, args } of outbox.waiting()) {
    const answer = await replayOne(board, { op, verb, args: JSON.stringify(args) });
    const result = typeof answer["result"] === "string" ? answer["result"] : "applied";
    outbox.settle(op, result);
    done.push({ op, verb, result, answer });
  }
  return done;
}

async function replayOne(board: BoardClient, operation: Answer): Promise<Answer> {
  try {
    return await board.call("replay", operation);
  } catch (error) {
    // An operation that the verb itself refuses (an argument it no longer knows) would be refused for ever.
    if (error instanceof CliError && error.facts["status"] === 422) return { result: "rejected", error: error.message };
    throw error;
  }
}
