/** Agents as processes of their own on a board of the law, and the history of what they were told. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { z } from "zod";
import { checkHistory } from "../../board/src/history/check-history.ts";
import { collectHistory } from "../../board/src/history/collect-history.ts";
import { compareClocks } from "../../board/src/history/compare-clocks.ts";
import type { Call, History, Violation } from "../../board/src/history/history.ts";
import type { Queryable } from "../../board/src/queryable.ts";
import type { AgentPlan } from "../fault/fixtures/law-agent.ts";
import { callVerb } from "./call-verb.ts";
import { eventually } from "./processes.ts";
import { sharedClock } from "./shared-clock.ts";

/** Six processes that start and plan the law for the first time on a busy machine; it ends as soon as the calls are there. */
const CALLS_TIMEOUT_MS = 120_000;
const SCRIPT = join(import.meta.dirname, "..", "fault", "fixtures", "law-agent.ts");
const line = z.union([
  z.object({ done: z.literal(true) }),
  z.custom<Call>((value) => typeof value === "object" && value !== null && "asked" in value),
]);

export interface FleetAgent {
  readonly child: ChildProcess;
  readonly calls: readonly Call[];
  /** Accepted calls of the verb so far. */
  accepted(verb: string): readonly Call[];
  /** Closes its stdin and waits for its end; a killed one has ended already. */
  end(): Promise<void>;
}

/** @param wrapper put before the command, as `faketime` is */
export function startAgent(
  plan: Omit<AgentPlan, "capabilities" | "leaseSeconds" | "tasks" | "operations"> & Partial<AgentPlan>,
  wrapper: readonly string[] = [],
): FleetAgent {
  const whole: AgentPlan = { capabilities: [], leaseSeconds: 60, tasks: [], operations: [], ...plan };
  const [file = "", ...args] = [
    ...wrapper,
    process.execPath,
    "--disable-warning=ExperimentalWarning",
    SCRIPT,
    JSON.stringify(whole),
  ];
  const child = spawn(file, args, {
    stdio: ["pipe", "pipe", "inherit"],
    env: { PATH: process.env["PATH"] ?? "", FAKETIME_DONT_FAKE_MONOTONIC: "1" },
  });
  const calls: Call[] = [];
  let rest = "";
  child.stdout.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) {
      const said = line.parse(JSON.parse(text));
      if (!("done" in said)) calls.push(said);
    }
  });
  const closed = once(child, "close");
  return {
    child,
    calls,
    accepted: (verb) => calls.filter((call) => call.verb === verb && call.result === "accepted"),
    async end() {
      child.stdin.end();
      await closed;
    },
  };
}

/** Waits until so many calls of the verb were accepted by all of them together. */
export function untilAccepted(fleet: readonly FleetAgent[], verb: string, count: number): Promise<true> {
  const seen = () => fleet.reduce((sum, agent) => sum + agent.accepted(verb).length, 0);
  return eventually(`${count} accepted calls of ${verb}`, () => seen() >= count, CALLS_TIMEOUT_MS);
}

export interface Clock {
  /** The longest pause between two ticks so far, the present one included: what "two ticks" means on this machine. */
  longestMs(): number;
  stop(): Promise<void>;
}

/** Ticks as the extension does, on a connection of its own, until it is stopped. */
export function startClock(db: pg.Client, everyMs = 1_000): Clock {
  const ends = new AbortController();
  let [longest, last] = [everyMs, performance.now()];
  const pause = () => Math.max(longest, performance.now() - last);
  const ticking = (async () => {
    while (!ends.signal.aborted) {
      await callVerb(db, "tick");
      longest = pause();
      last = performance.now();
      await sleep(everyMs, undefined, { signal: ends.signal }).catch(() => {});
    }
  })();
  return {
    longestMs: pause,
    async stop() {
      ends.abort();
      await ticking;
    },
  };
}

/** How often agents of the fleet that looked for work were told that there is none. */
export const timesToldNothing = (fleet: readonly FleetAgent[]): number =>
  fleet.flatMap(({ calls }) => calls).filter(({ poll, result, task }) => poll && result === "accepted" && task === null)
    .length;

/**
 * What is wrong with what the fleet was told and the board holds.
 * @param clock is asked after the board was read: a pause that lasted while it was read counts
 */
export async function violationsOf(
  db: Queryable,
  fleet: readonly Pick<FleetAgent, "calls">[],
  { clock, ...more }: Partial<Pick<History, "tickMs" | "incarnations" | "outages">> & { readonly clock?: Clock } = {},
): Promise<readonly Violation[]> {
  const calls = fleet.flatMap((agent) => agent.calls);
  const board = await collectHistory(db);
  const tickMs = clock?.longestMs() ?? null;
  const clocks = await compareClocks(db, sharedClock);
  return checkHistory({ calls, board, tickMs, clocks, incarnations: [], outages: [], ...more });
}
