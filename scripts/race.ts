/**
 * Races agents for the same tasks through every door of the running stack, and checks that each task has exactly one winner.
 *
 * npm run race -- --doors native-mcp,rest,graphql,muster-mcp,sql --agents 16 --tasks 50 --seed 1 --json
 *
 * Exits 1 when a task was won by none or by more than one, or when what the racers were told is not what the board holds.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadConfig } from "../cli/src/config/load.ts";
import { directusUrl, wantedDirectus } from "../cli/src/stack/directus-admin.ts";
import { withStack } from "../cli/src/stack/open-stack.ts";
import type { Stack } from "../cli/src/stack/stack.ts";
import { DOOR_NAMES, DOORS, type DoorName, type Racer, type Track } from "./race/doors.ts";
import { addTasks, clearField, gatherRacers } from "./race/field.ts";

interface Win {
  readonly task: string;
  readonly user: string;
  readonly epoch: number;
}

interface ClaimRow {
  readonly task: string;
  readonly epoch: number;
  readonly holder: string;
  readonly claim_epoch: number;
  readonly status: string;
  readonly assigned_to: string | null;
  readonly claimed_events: number;
}

const { values } = parseArgs({
  options: {
    doors: { type: "string", default: DOOR_NAMES.join(",") },
    agents: { type: "string", default: "16" },
    tasks: { type: "string", default: "50" },
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
});
const doors = values.doors.split(",").map((name) => {
  const door = DOOR_NAMES.find((known) => known === name);
  if (door === undefined) throw new Error(`There is no door "${name}". Doors: ${DOOR_NAMES.join(", ")}.`);
  return door;
});
const outcome = await withStack(loadConfig(), (stack) => race(stack));
process.stdout.write(values.json ? `${JSON.stringify(outcome)}\n` : `${JSON.stringify(outcome, null, 2)}\n`);
process.exitCode = outcome.violations.length === 0 ? 0 : 1;

async function race(stack: Stack) {
  const { signal } = new AbortController();
  const admin = { url: directusUrl(stack), token: stack.secrets.read("directus_admin_token").reveal(), signal };
  const count = { agents: positive("agents"), tasks: positive("tasks") };
  const racers = await gatherRacers(admin, wantedDirectus(stack).ids, count.agents, count.tasks);
  const tasks = await addTasks(admin, count.tasks, `Race ${values.seed}`);
  try {
    const errors: Record<string, number> = {};
    const tally = (code: string) => {
      errors[code] = (errors[code] ?? 0) + 1;
    };
    const track: Track = {
      url: admin.url,
      pool: stack.connections.pool("muster_directus"),
      pressed: () => tally("503"),
    };
    const wins: Win[] = [];
    const byDoor: Record<string, number> = {};
    const started = performance.now();
    await Promise.all(racers.map((racer, at) => run(racer, at, tasks, track, { tally, wins, byDoor })));
    const seconds = (performance.now() - started) / 1000;
    const sql = readFileSync(join(import.meta.dirname, "race", "claims.sql"), "utf8");
    const { rows } = await stack.connections.pool("postgres").query<ClaimRow>(sql, [tasks]);
    return {
      tasks: tasks.length,
      winners: histogram(tasks, wins),
      violations: violationsOf(tasks, wins, rows),
      errors,
      callsPerSecond: Math.round((racers.length * tasks.length) / seconds),
      attempts: racers.length * tasks.length,
      winsByDoor: byDoor,
      seed: Number(values.seed),
    };
  } finally {
    await clearField(admin, tasks, racers);
  }
}

interface Book {
  tally(code: string): void;
  readonly wins: Win[];
  readonly byDoor: Record<string, number>;
}

/** One agent tries every task once, all agents in nearly the same order so that they meet, each time through a door of the seed's choice. */
async function run(racer: Racer, at: number, tasks: readonly string[], track: Track, book: Book): Promise<void> {
  const random = generator(Number(values.seed) * 1000 + at);
  for (const task of jostled(tasks, random)) {
    const door: DoorName = doors[Math.floor(random() * doors.length)] ?? "rest";
    const attempt = await DOORS[door](track, racer, task);
    if (attempt.won) {
      book.wins.push({ task, user: racer.user, epoch: attempt.epoch });
      book.byDoor[door] = (book.byDoor[door] ?? 0) + 1;
    } else book.tally(attempt.code);
  }
}

/** How many tasks had so many winners: {"1": 50} is the only good answer. */
function histogram(tasks: readonly string[], wins: readonly Win[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const task of tasks) {
    const winners = String(wins.filter((win) => win.task === task).length);
    counts[winners] = (counts[winners] ?? 0) + 1;
  }
  return counts;
}

function violationsOf(tasks: readonly string[], wins: readonly Win[], rows: readonly ClaimRow[]): readonly string[] {
  return tasks.flatMap((task) => {
    const told = wins.filter((win) => win.task === task);
    const held = rows.filter((row) => row.task === task);
    const [win] = told;
    const [claim] = held;
    if (told.length !== 1 || win === undefined) return [`${task}: ${told.length} racers were told that they won`];
    if (held.length !== 1 || claim === undefined) return [`${task}: the board granted ${held.length} claims`];
    const agrees =
      claim.holder === win.user &&
      claim.epoch === win.epoch &&
      claim.claim_epoch === win.epoch &&
      claim.assigned_to === win.user &&
      claim.status === "in_progress" &&
      claim.claimed_events === 1;
    return agrees ? [] : [`${task}: the board does not hold what its winner was told`];
  });
}

/** Neighbours change places at random: everybody is at about the same task, nobody in lockstep. */
function jostled(tasks: readonly string[], random: () => number): readonly string[] {
  return tasks
    .map((task, at) => ({ task, place: at + random() * 2 }))
    .toSorted((left, right) => left.place - right.place)
    .map(({ task }) => task);
}

/** mulberry32: small, and the same on every machine. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function positive(name: "agents" | "tasks"): number {
  const number = Number(values[name]);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} must be a positive whole number.`);
  return number;
}
