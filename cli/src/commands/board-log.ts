import { z } from "zod";
import { openBoardUser } from "../board-client/board-user.ts";
import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import type { Command } from "./command.ts";
import { type BoardEvent, boardEvent, eventLine } from "./event-line.ts";

const page = z.looseObject({ events: z.array(boardEvent), cursor: z.string(), more: z.boolean() });
const LARGEST_PAGE = 1000;
const DEFAULT_LIMIT = 40;

export const boardLog: Command = {
  name: "board log",
  summary: "Show what happened on the board, oldest first",
  help: `Without --cursor the newest events; with it everything that came behind it, so that a script misses nothing.

  elk-os board log --task 65
  elk-os board log --cursor "$CURSOR" --json`,
  options: [
    { flags: "--task <task>", description: "only of this task" },
    { flags: "--cursor <text>", description: "go on behind an earlier answer's cursor" },
    { flags: "--limit <n>", description: `at most so many (default ${DEFAULT_LIMIT}, at most ${LARGEST_PAGE})` },
    { flags: "--agent <name>", description: "read as this agent; default: the operator" },
  ],
  async run({ options, loaded, signal }) {
    const { board } = openBoardUser(loaded, options["agent"], signal);
    const limit = Number(options["limit"] ?? DEFAULT_LIMIT);
    if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_PAGE) {
      throw new CliError("USAGE_INVALID", { message: "--limit must be 1 to 1000.", hint: "Use --limit 100." });
    }
    const task = typeof options["task"] === "string" ? { task: options["task"] } : {};
    let cursor = typeof options["cursor"] === "string" ? options["cursor"] : null;
    const fromCursor = cursor !== null;
    let events: readonly BoardEvent[] = [];
    for (let more = true; more; ) {
      const asked = { ...task, limit: fromCursor ? limit : LARGEST_PAGE, ...(cursor === null ? {} : { cursor }) };
      const answer = page.parse(await board.call("events", asked));
      events = fromCursor ? answer.events : [...events, ...answer.events].slice(-limit);
      cursor = answer.cursor;
      more = answer.more && !fromCursor;
    }
    return { exit: EXIT.ok, data: { events, cursor }, lines: events.map(eventLine) };
  },
};
