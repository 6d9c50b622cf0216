import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { BoardClient } from "../board-client/board-client.ts";
import { openBoardUser } from "../board-client/board-user.ts";
import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import type { Command } from "./command.ts";
import { boardEvent, eventLine } from "./event-line.ts";

const POLL_MS = 1000;
/** What fits on a small terminal below the tasks. */
const SHOWN_EVENTS = 15;
const SHOWN_STATUSES = ["in_progress", "in_review", "blocked"] as const;

const page = z.looseObject({ events: z.array(boardEvent), cursor: z.string() });
const found = z.looseObject({
  tasks: z.array(z.looseObject({ number: z.number(), title: z.string(), status: z.string(), priority: z.string() })),
});

export const boardWatch: Command = {
  name: "board watch",
  summary: "Watch the board: who works on what, and what happens",
  help: `On a terminal a view that is drawn anew every second; elsewhere one plain line per event. Ctrl-C ends it.
With --json there is one document, when it ends: how many events there were, and the cursor from which to go on.

  elk-os board watch
  elk-os board watch --for 60 >> board.log`,
  options: [
    { flags: "--for <seconds>", description: "end by itself after so long" },
    { flags: "--agent <name>", description: "read as this agent; default: the operator" },
  ],
  async run({ options, loaded, reporter, signal }) {
    const user = openBoardUser(loaded, options["agent"], signal);
    const until = endOf(options["for"]);
    const start = page.parse(await user.board.call("events", { cursor: "now", limit: 1 }));
    let { cursor } = start;
    let seen = 0;
    let recent: readonly string[] = [];
    while (Date.now() < until) {
      const news = page.parse(await user.board.call("events", { cursor, limit: 1000 }));
      cursor = news.cursor;
      seen += news.events.length;
      const lines = news.events.map(eventLine);
      recent = [...recent, ...lines].slice(-SHOWN_EVENTS);
      reporter.frame({ screen: [...(await readScreen(user.board, user.url)), "", ...recent], news: lines });
      await sleep(Math.min(POLL_MS, Math.max(until - Date.now(), 0)), undefined, { signal });
    }
    return { exit: EXIT.ok, data: { ok: true, events: seen, cursor }, lines: [] };
  },
};

function endOf(seconds: unknown): number {
  if (seconds === undefined) return Number.POSITIVE_INFINITY;
  const count = Number(seconds);
  if (Number.isFinite(count) && count >= 0) return Date.now() + count * 1000;
  throw new CliError("USAGE_INVALID", {
    message: `--for is "${String(seconds)}".`,
    hint: "Use seconds, as in --for 60.",
  });
}

async function readScreen(board: BoardClient, url: string): Promise<readonly string[]> {
  const lists = await Promise.all(
    SHOWN_STATUSES.map(async (status) => found.parse(await board.call("find", { status, limit: 20 })).tasks),
  );
  const rows = lists
    .flat()
    .map((row) => `#${String(row.number).padEnd(5)} ${row.status.padEnd(12)} ${row.priority}  ${row.title}`);
  const time = new Date().toISOString().slice(11, 19);
  return [
    `Board ${url}   ${time} UTC   ${rows.length} under way`,
    "",
    ...(rows.length === 0 ? ["nobody works on anything"] : rows),
  ];
}
