/** How long a waiting agent takes to have the task that has just become ready: the look for changes, and its claim. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { AgentBoard } from "../../test/support/agent-board.ts";
import { rest } from "../../test/support/verb-doors.ts";

/** No other task of the board is in it, so that the agent waits. */
const PROJECT = "wake";
const WAIT_S = 20;
/** Long enough for the call to have found nothing; spread over more than one look. */
const SETTLE_MS = 400;
const SPREAD_MS = 150;
const END_LEASES = readFileSync(join(import.meta.dirname, "end-leases.sql"), "utf8");

export interface Wake {
  readonly rounds: number;
  readonly p50: number;
  readonly p95: number;
}

export async function measureWake(
  board: AgentBoard,
  token: string,
  rounds: number,
  addTask: (project: string) => Promise<unknown>,
): Promise<Wake> {
  await board.admin.request("POST", "/items/os_projects", { body: { key: PROJECT, name: "Wake" } });
  const took: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const waiting = rest(board.url, token, "next", { session: "wake", project: PROJECT, wait: WAIT_S });
    await sleep(SETTLE_MS + Math.random() * SPREAD_MS);
    await addTask(PROJECT);
    const readyAt = performance.now();
    const answer = await waiting;
    took.push(performance.now() - readyAt);
    z.object({ ok: z.literal(true), answer: z.looseObject({ claimed: z.literal(true) }) }).parse(answer);
    await board.board.db.query(END_LEASES);
  }
  took.sort((a, b) => a - b);
  const at = (share: number) =>
    Math.round((took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? Number.NaN) * 10) / 10;
  return { rounds, p50: at(0.5), p95: at(0.95) };
}
