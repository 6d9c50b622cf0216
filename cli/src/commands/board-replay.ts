import { openBoardUser } from "../board-client/board-user.ts";
import { replayOutbox } from "../board-client/deliver.ts";
import { EXIT } from "../errors/catalog.ts";
import { withLock } from "../state/lock.ts";
import type { Command } from "./command.ts";

export const boardReplay: Command = {
  name: "board replay",
  summary: "Send what the outbox kept while the board was out of reach, each exactly once",
  help: `In the order in which it was kept. A refusal of the law holds nothing up; work of a claim that is gone is kept as a note on
the task.

  elk-os board replay --agent a01`,
  options: [{ flags: "--agent <name>", description: "whose outbox; default: the operator's" }],
  run({ options, loaded, signal }) {
    const user = openBoardUser(loaded, options["agent"], signal);
    if (user.outbox.waiting().length === 0) {
      const data = { ok: true, replayed: [], waiting: 0 };
      return Promise.resolve({ exit: EXIT.ok, data, lines: ["the outbox is empty"] });
    }
    // Two replays side by side would be harmless for the board, and confusing for a person.
    return withLock({ path: `${user.outbox.path}.lock`, command: "board replay" }, async () => {
      const replayed = await replayOutbox(user.board, user.outbox);
      return {
        exit: EXIT.ok,
        data: { ok: true, replayed, waiting: user.outbox.waiting().length },
        lines: replayed.map(({ op, verb, result }) => `${result.padEnd(9)} ${verb.padEnd(8)} ${op}`),
      };
    });
  },
};
