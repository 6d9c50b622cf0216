/** A whole fleet's life: its field, its agents, and what they did. */
import { directusUrl, wantedDirectus } from "../../cli/src/stack/directus-admin.ts";
import type { Stack } from "../../cli/src/stack/stack.ts";
import { type Fleet, liveAs } from "./agent.ts";
import { addTasks, clearField, gatherAgents, PROJECT_KEY } from "./field.ts";

export interface FleetOptions {
  readonly agents: number;
  readonly tasks: number;
  readonly seed: number;
  /** How long its agents live, from when its field is ready, in ms. */
  readonly lastsMs: number;
  /** Ends their lives before that; the field is cleared all the same. */
  readonly signal?: AbortSignal;
  /** Looks at the board when all agents have stopped, before their field is cleared. Gets the numbers of its tasks. */
  readonly look?: (tasks: readonly number[]) => Promise<void>;
}

/** Deeds by name; a refused one is "verb CODE". */
export type FleetDeeds = Readonly<Record<string, number>>;

export async function runFleet(stack: Stack, options: FleetOptions): Promise<FleetDeeds> {
  const admin = {
    url: directusUrl(stack),
    token: stack.secrets.read("directus_admin_token").reveal(),
    signal: new AbortController().signal,
  };
  const agents = await gatherAgents(admin, wantedDirectus(stack).ids, options.agents);
  const tasks = await addTasks(admin, options.tasks);
  const fleet: Fleet = {
    url: admin.url,
    project: PROJECT_KEY,
    open: new Set(tasks.map(({ number }) => number)),
    submitted: new Set(),
    deeds: new Map(),
    signal: AbortSignal.any([AbortSignal.timeout(options.lastsMs), ...(options.signal ? [options.signal] : [])]),
  };
  try {
    await Promise.all(agents.map((agent, at) => liveAs(agent, diceOf(options.seed * 1_000 + at), fleet)));
    await options.look?.(tasks.map(({ number }) => number));
  } finally {
    await clearField(admin, tasks, agents);
  }
  return Object.fromEntries([...fleet.deeds].sort(([a], [b]) => a.localeCompare(b)));
}

/** The same throws for the same seed. */
function diceOf(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
