/** One race: every racer tries every task once, each time through a door of the seed's choice. */
import { randomUUID } from "node:crypto";
import { checkHistory } from "@muster/board/history";
import { collectHistory } from "@muster/board/history/collect";
import { Recorder } from "@muster/board/history/recorder";
import type { Queryable } from "@muster/board/queryable";
import { type Attempt, DOORS, type DoorName, KEYED_DOORS, type Racer, type Track } from "./doors.ts";

/** How often the board ticks while it is up: the extension's clock. */
const TICK_MS = 2_000;

export interface RaceOptions {
  readonly doors: readonly DoorName[];
  readonly racers: readonly Racer[];
  readonly tasks: readonly string[];
  readonly seed: number;
  /** How many places a task may move in an agent's order. 2: all are at about the same task; more: fewer wait for the same row. */
  readonly spread: number;
  /** How many attempts a racer has on its way at once. */
  readonly inFlight: number;
  /** false: refusals are counted and not kept. */
  readonly keepsRefusals: boolean;
  /** Where the door takes one, each claim has a key, and each that won is sent once more under it. */
  readonly hasKeys: boolean;
}

export interface RaceOutcome {
  readonly attempts: number;
  readonly seconds: number;
  /** How many tasks had so many winners: {"1": 50} is the only good answer. */
  readonly winners: Readonly<Record<string, number>>;
  /** What is wrong with the history of these tasks; empty is the only good answer. */
  readonly violations: readonly string[];
  /** How often each code came; "503" is the pressure limiter of Directus, which is tried again, "NOTHING_READY" a claim_next that found no task. */
  readonly errors: Readonly<Record<string, number>>;
  readonly winsByDoor: Readonly<Record<string, number>>;
  readonly attemptsByDoor: Readonly<Record<string, number>>;
}

/** @param board a login that may read schema muster */
export async function race(
  track: Omit<Track, "pressed">,
  board: Queryable,
  options: RaceOptions,
): Promise<RaceOutcome> {
  const { racers, tasks } = options;
  const recorder = new Recorder(options.keepsRefusals);
  const winsByDoor: Record<string, number> = {};
  const attemptsByDoor: Record<string, number> = {};
  const wins: Record<string, number> = {};
  const unequal: string[] = [];
  const field = new Set(tasks);
  const pressed = () => count(recorder.codes, "503");
  const tryTask = async (racer: Racer, task: string, random: () => number) => {
    const door = options.doors[Math.floor(random() * options.doors.length)] ?? "rest";
    const op = options.hasKeys && KEYED_DOORS.includes(door) ? randomUUID() : null;
    const isBest = door === "sql-next";
    // What the best was may be asked for by name later, and the same session would be given it once more.
    const as = isBest ? { ...racer, session: `${racer.session}-next` } : racer;
    const named = isBest ? { verb: "claim_next" } : { verb: "claim", task };
    const ask = async (): Promise<Attempt> => {
      const intent = { client: as.session, op, ...named };
      const asked = performance.now();
      const attempt = await DOORS[door]({ ...track, pressed }, as, task, op);
      const { won, ...told } = attempt;
      if (won) recorder.add(intent, asked, "accepted", told);
      else recorder.refuse(intent, asked, attempt.code);
      return attempt;
    };
    count(attemptsByDoor, door);
    const first = await ask();
    if (!first.won) return;
    count(winsByDoor, door);
    count(wins, first.task);
    if (!field.has(first.task)) unequal.push(`${first.task}: ${racer.name} was granted a task that is not of the race`);
    if (op === null) return;
    const again = await ask();
    if (!again.won) unequal.push(`${first.task}: the winner's repeated call was refused with ${again.code}`);
  };
  const run = async (racer: Racer, at: number) => {
    const random = generator(options.seed * 1000 + at);
    const order = jostled(tasks, options.spread, random).values();
    const lane = async () => {
      for (const task of order) await tryTask(racer, task, random);
    };
    await Promise.all(Array.from({ length: options.inFlight }, lane));
  };
  const started = performance.now();
  await Promise.all(racers.map(run));
  const seconds = (performance.now() - started) / 1000;
  const record = await collectHistory(board, tasks);
  const winners: Record<string, number> = {};
  for (const task of tasks) count(winners, String(wins[task] ?? 0));
  const lonely = tasks
    .map((task) => ({ task, told: wins[task] ?? 0 }))
    .filter(({ told }) => told !== 1)
    .map(({ task, told }) => `${task}: ${told} racers were told that they won`);
  const broken = checkHistory({
    calls: recorder.calls,
    board: record,
    tickMs: TICK_MS,
    clocks: null,
    incarnations: [],
    outages: [],
  });
  return {
    attempts: racers.length * tasks.length,
    seconds,
    winners,
    violations: [...lonely, ...unequal, ...broken.map(({ invariant, what }) => `${invariant}: ${what}`)],
    errors: recorder.codes,
    winsByDoor,
    attemptsByDoor,
  };
}

export function count(counts: Record<string, number>, key: string, by = 1): void {
  counts[key] = (counts[key] ?? 0) + by;
}

/** Neighbours change places at random: everybody is at about the same task, nobody in lockstep. */
function jostled(tasks: readonly string[], spread: number, random: () => number): readonly string[] {
  return tasks
    .map((task, at) => ({ task, place: at + random() * spread }))
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
