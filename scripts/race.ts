/**
 * Races agents for the same tasks through every door of the running stack, and checks the history of each task against the
 * invariants of the claims engine.
 *
 * npm run race -- --doors native-mcp,rest,graphql,muster-mcp,sql,sql-next --agents 16 --tasks 50 --seed 1 --json
 * npm run race -- --long            1,000,000 attempts, 50,000 of them through the doors that speak HTTP; --minutes 90 for each part at most
 *
 * A long run writes bench/results/race-<date>.md; one that was asked for less writes race-<date>-short.md.
 *
 * Exits 1 when a long run ended before it had its attempts (`reached`: false), when a task was won by none or by more than one, when what the racers were told is not what the board holds, or when
 * any invariant does not hold.
 */
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { machineFacts } from "../bench/footprint/machine.ts";
import { loadConfig } from "../cli/src/config/load.ts";
import { directusUrl, wantedDirectus } from "../cli/src/stack/directus-admin.ts";
import { withStack } from "../cli/src/stack/open-stack.ts";
import type { Stack } from "../cli/src/stack/stack.ts";
import { DOOR_NAMES, type Racer } from "./race/doors.ts";
import { addTasks, clearField, dismissRacers, ensureProject, findSteward, gatherRacers } from "./race/field.ts";
import { openLines } from "./race/lines.ts";
import { type LongOutcome, runLong } from "./race/long.ts";
import { type LongResult, page, rateOf } from "./race/page.ts";
import { GOAL, type Part, partsOf } from "./race/parts.ts";
import { type RaceOptions, type RaceOutcome, race } from "./race/race.ts";

const RESULTS = join(import.meta.dirname, "..", "bench", "results");

const { values } = parseArgs({
  options: {
    doors: { type: "string", default: DOOR_NAMES.join(",") },
    agents: { type: "string", default: "16" },
    tasks: { type: "string", default: "50" },
    seed: { type: "string", default: "1" },
    long: { type: "boolean", default: false },
    /** Of a long run: how many race over SQL; over HTTP it is `agents`. */
    "sql-agents": { type: "string", default: "32" },
    /** Of a long run: at least so many attempts per part, HTTP and SQL. */
    "http-attempts": { type: "string", default: String(GOAL.http) },
    "sql-attempts": { type: "string", default: String(GOAL.attempts - GOAL.http) },
    /** Of a long run: no race of a part starts later. */
    minutes: { type: "string", default: "90" },
    /** Says also how many attempts and wins each door had, and how long it took. */
    detail: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const doors = values.doors.split(",").map((name) => {
  const door = DOOR_NAMES.find((known) => known === name);
  if (door === undefined) throw new Error(`There is no door "${name}". Doors: ${DOOR_NAMES.join(", ")}.`);
  return door;
});
const agents = positive("agents");
const seed = number("seed");
const parts = partsOf(doors, {
  http: { attempts: number("http-attempts"), racers: agents },
  sql: { attempts: number("sql-attempts"), racers: positive("sql-agents") },
});

const outcome = await withStack(loadConfig(), async (stack) => (values.long ? runParts(stack) : runOnce(stack)));
process.stdout.write(values.json ? `${JSON.stringify(outcome)}\n` : `${JSON.stringify(outcome, null, 2)}\n`);
const isShort = "reached" in outcome && !outcome.reached;
process.exitCode = outcome.violations.length > 0 || isShort ? 1 : 0;

type Hold = Omit<RaceOptions, "racers" | "tasks" | "keepsRefusals"> & {
  readonly racers: number;
  readonly count: number;
};

/** Gathers racers, lets `run` hold races with them, and sends them home. @param most tasks of one race, at most */
async function onField<T>(
  stack: Stack,
  count: number,
  most: number,
  run: (hold: (options: Hold) => Promise<RaceOutcome>) => Promise<T>,
): Promise<T> {
  const { signal } = new AbortController();
  const admin = { url: directusUrl(stack), token: stack.secrets.read("directus_admin_token").reveal(), signal };
  const db = stack.connections.pool("muster_directus");
  const racers: readonly Racer[] = await gatherRacers(admin, wantedDirectus(stack).ids, count, most);
  try {
    const lines = await openLines(stack, racers);
    try {
      const project = await ensureProject(admin);
      return await stack.connections.withClient("postgres", async (board) => {
        const steward = await findSteward(board);
        return run(async ({ count: size, racers: taking, ...options }) => {
          const tasks = await addTasks(db, steward, project, size, `Race ${options.seed}`);
          try {
            const entry = { ...options, racers: racers.slice(0, taking), tasks, keepsRefusals: !values.long };
            return await race({ url: admin.url, line: lines.line }, board, entry);
          } finally {
            await clearField(db, steward, tasks);
          }
        });
      });
    } finally {
      await lines.end();
    }
  } finally {
    await dismissRacers(admin, racers);
  }
}

async function runOnce(stack: Stack) {
  const count = positive("tasks");
  const only = { doors, racers: agents, count, spread: 2, inFlight: 1, seed, hasKeys: true };
  return shown(await onField(stack, agents, count, (hold) => hold(only)), count);
}

async function runParts(stack: Stack) {
  const facts = machineFacts();
  const most = Math.max(0, ...parts.map(({ tasks }) => tasks));
  const done = await onField(stack, Math.max(0, ...parts.map(({ racers }) => racers)), most, async (hold) => {
    const outcomes: { readonly part: Part; readonly outcome: LongOutcome }[] = [];
    for (const part of parts) {
      const { tasks: count, name, attempts, ...options } = part;
      const sum = await runLong({
        attempts,
        minutes: positive("minutes"),
        race: (round) => hold({ ...options, count, seed: seed * 100_000 + round }),
        progress: (so) => process.stderr.write(`${progressOf(name, attempts, so)}\n`),
      });
      outcomes.push({ part, outcome: sum });
    }
    return outcomes;
  });
  const peakRssMb = Math.round((process.resourceUsage().maxRSS * 1024) / 1e6);
  const result: LongResult = { ...facts, loadAfter: loadavg()[0] ?? 0, seed, peakRssMb, parts: done };
  const isWhole = parts.length === 2 && number("http-attempts") >= GOAL.http;
  const isAsked = isWhole && number("http-attempts") + number("sql-attempts") >= GOAL.attempts;
  writeFileSync(join(RESULTS, `race-${facts.at.slice(0, 10)}${isAsked ? "" : "-short"}.md`), page(result));
  return {
    parts: Object.fromEntries(
      done.map(({ part, outcome: sum }) => {
        const reached = sum.attempts >= part.attempts;
        return [part.name, { ...shown(sum, sum.rounds * part.tasks), wanted: part.attempts, reached }];
      }),
    ),
    reached: done.length > 0 && done.every(({ part, outcome: sum }) => sum.attempts >= part.attempts),
    violations: done.flatMap(({ outcome: sum }) => sum.violations),
  };
}

function progressOf(name: string, wanted: number, so: LongOutcome): string {
  const left = Math.max(0, wanted - so.attempts) / Math.max(1, rateOf(so)) / 60;
  return `${name}: ${so.attempts} of ${wanted} attempts, ${rateOf(so)}/s, about ${left.toFixed(1)} min left, ${so.violations.length} violations`;
}

/** What a race, or a part of a long run, says of itself: five keys that scripts may count on, and on request the rest. */
function shown(result: RaceOutcome, tasks: number) {
  const { winners, violations, errors, attempts, seconds, winsByDoor, attemptsByDoor } = result;
  const answer = { tasks, winners, violations, errors, callsPerSecond: Math.round(attempts / seconds) };
  const detail = { attempts, seconds: Math.round(seconds), winsByDoor, attemptsByDoor, seed };
  return values.detail || values.long ? { ...answer, ...detail } : answer;
}

function positive(name: "agents" | "sql-agents" | "tasks" | "minutes"): number {
  const value = number(name);
  if (value < 1) throw new Error(`--${name} must be a positive whole number.`);
  return value;
}

function number(
  name: "agents" | "sql-agents" | "tasks" | "minutes" | "seed" | "http-attempts" | "sql-attempts",
): number {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < 0) throw new Error(`--${name} must be a whole number.`);
  return value;
}
