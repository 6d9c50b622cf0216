/**
 * Races agents for the same tasks through every door of the running stack, and checks the history of each task against the
 * invariants of the claims engine.
 *
 * npm run race -- --doors native-mcp,rest,graphql,muster-mcp,sql,sql-next --agents 16 --tasks 50 --seed 1 --json
 * npm run race -- --long            1,000,000 attempts, 50,000 of them through the doors that speak HTTP; --minutes 90 for each part at most
 *
 * Exits 1 when a long run ended before it had its attempts (`reached`: false), when a task was won by none or by more than one, when what the racers were told is not what the board holds, or when
 * any invariant does not hold.
 */
import { parseArgs } from "node:util";
import pg from "pg";
import { loadConfig } from "../cli/src/config/load.ts";
import { DATABASE_NAME, DATABASE_ROLES } from "../cli/src/stack/connections.ts";
import { directusUrl, wantedDirectus } from "../cli/src/stack/directus-admin.ts";
import { withStack } from "../cli/src/stack/open-stack.ts";
import type { Stack } from "../cli/src/stack/stack.ts";
import { DOOR_NAMES, type DoorName } from "./race/doors.ts";
import { addTasks, clearField, dismissRacers, ensureProject, findSteward, gatherRacers } from "./race/field.ts";
import { runLong } from "./race/long.ts";
import { type RaceOutcome, race } from "./race/race.ts";

const { values } = parseArgs({
  options: {
    doors: { type: "string", default: DOOR_NAMES.join(",") },
    agents: { type: "string", default: "16" },
    tasks: { type: "string", default: "50" },
    seed: { type: "string", default: "1" },
    long: { type: "boolean", default: false },
    /** Of a long run: at least so many attempts per part, HTTP and SQL. */
    "http-attempts": { type: "string", default: "50000" },
    "sql-attempts": { type: "string", default: "950000" },
    /** Of a long run: no race of a part starts later. At 15 calls a second over HTTP, 50,000 take 56 minutes. */
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
/**
 * SQL is so much faster that its tasks come in larger heaps, and sixteen that wait for one row after the other would only measure the scheduler.
 * It has no keys there: the record of so many operations would be read after every race. And no sql-next: once all tasks are taken it finds
 * nothing, and nothing is no attempt at a claim.
 */
const PARTS = [
  {
    name: "http",
    doors: doors.filter((door) => door !== "sql" && door !== "sql-next"),
    attempts: number("http-attempts"),
    tasks: 100,
    spread: 2,
    hasKeys: true,
  },
  {
    name: "sql",
    doors: doors.filter((door) => door === "sql"),
    attempts: number("sql-attempts"),
    tasks: 400,
    spread: 200,
    hasKeys: false,
  },
];

const outcome = await withStack(loadConfig(), start);
process.stdout.write(values.json ? `${JSON.stringify(outcome)}\n` : `${JSON.stringify(outcome, null, 2)}\n`);
const isShort = "reached" in outcome && !outcome.reached;
process.exitCode = outcome.violations.length > 0 || isShort ? 1 : 0;

async function start(stack: Stack) {
  const { signal } = new AbortController();
  const admin = { url: directusUrl(stack), token: stack.secrets.read("directus_admin_token").reveal(), signal };
  const pool = openPool(stack);
  const board = stack.connections.pool("postgres");
  const most = values.long ? Math.max(...PARTS.map(({ tasks }) => tasks)) : positive("tasks");
  const racers = await gatherRacers(admin, wantedDirectus(stack).ids, agents, most);
  try {
    const project = await ensureProject(admin);
    const steward = await findSteward(board);
    const once = async (
      through: readonly DoorName[],
      count: number,
      spread: number,
      seed: number,
      hasKeys = true,
    ): Promise<RaceOutcome> => {
      const tasks = await addTasks(pool, steward, project, count, `Race ${seed}`);
      try {
        const options = {
          doors: through,
          racers,
          tasks,
          spread,
          seed,
          keepsRefusals: !values.long,
          hasKeys,
        };
        return await race({ url: admin.url, pool }, board, options);
      } finally {
        await clearField(pool, steward, tasks);
      }
    };
    if (!values.long) return shown(await once(doors, positive("tasks"), 2, number("seed")), positive("tasks"));
    const parts: Record<string, ReturnType<typeof shown> & { readonly wanted: number; readonly reached: boolean }> = {};
    for (const part of PARTS.filter((each) => each.doors.length > 0 && each.attempts > 0)) {
      const sum = await runLong({
        attempts: part.attempts,
        minutes: positive("minutes"),
        race: (round) => once(part.doors, part.tasks, part.spread, number("seed") * 100_000 + round, part.hasKeys),
        progress: (attempts, broken) =>
          process.stderr.write(`${part.name}: ${attempts} attempts, ${broken} violations\n`),
      });
      const reached = sum.attempts >= part.attempts;
      parts[part.name] = { ...shown(sum, sum.rounds * part.tasks), wanted: part.attempts, reached };
    }
    const all = Object.values(parts);
    return {
      parts,
      reached: all.length > 0 && all.every(({ reached }) => reached),
      violations: all.flatMap(({ violations }) => violations),
    };
  } finally {
    await dismissRacers(admin, racers);
    await pool.end();
  }
}

/** What a race, or a part of a long run, says of itself: five keys that scripts may count on, and on request the rest. */
function shown(outcome: RaceOutcome, tasks: number) {
  const { winners, violations, errors, attempts, seconds, winsByDoor, attemptsByDoor } = outcome;
  const answer = { tasks, winners, violations, errors, callsPerSecond: Math.round(attempts / seconds) };
  const detail = { attempts, seconds: Math.round(seconds), winsByDoor, attemptsByDoor, seed: number("seed") };
  return values.detail || values.long ? { ...answer, ...detail } : answer;
}

/** One connection per agent, so that agents wait for the board and not for each other. */
function openPool({ config, secrets }: Stack): pg.Pool {
  const user = "muster_directus";
  const password = secrets.read(DATABASE_ROLES[user]).reveal();
  return new pg.Pool({
    host: "127.0.0.1",
    port: config.postgresPort,
    database: DATABASE_NAME,
    user,
    password,
    max: agents,
  });
}

function positive(name: "agents" | "tasks" | "minutes"): number {
  const value = number(name);
  if (value < 1) throw new Error(`--${name} must be a positive whole number.`);
  return value;
}

function number(name: "agents" | "tasks" | "minutes" | "seed" | "http-attempts" | "sql-attempts"): number {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < 0) throw new Error(`--${name} must be a whole number.`);
  return value;
}
