/** One driver's figures, from a stack of its own: its own state folder and ports, the shared cache. Nothing of it is left. */
import { setTimeout as sleep } from "node:timers/promises";
import type { LoadedConfig } from "../../cli/src/config/load.ts";
import { imageReferences } from "../../cli/src/drivers/compose/container-images.ts";
import { docker } from "../../cli/src/drivers/compose/docker.ts";
import type { DriverId } from "../../cli/src/drivers/driver.ts";
import { stackMemory, sumOfParts } from "../../cli/src/stack/memory-use.ts";
import { withStack } from "../../cli/src/stack/open-stack.ts";
import { layOutStack } from "../../test/support/stack.ts";
import { clearStack } from "../clear-stack.ts";
import { runFleet } from "../fleet/run-fleet.ts";
import { verbsOf } from "../operations/verbs.ts";
import { during } from "../progress.ts";
import { makeMemoryGroup, outOfMemoryKills } from "./memory-group.ts";
import type { DriverRow, MemoryRow, MemoryTable, NotMeasured, Size } from "./rows.ts";

/** Long enough for what `up` left to be collected, and for the first checks of health of a container. */
const IDLE_SECONDS = 60;
const FLEET = { agents: 8, seed: 1, tasksPerMinute: 160 } as const;
const SAMPLE_MS = 15_000;
const MB = 1_000_000;

export interface Asked {
  readonly size: Size;
  readonly fleetMinutes: number;
  /** Memory that the whole stack may take, in MiB; null: what the machine has. */
  readonly withinMib: number | null;
}

export async function measureDriver(driver: DriverId, asked: Asked, signal: AbortSignal): Promise<DriverRow> {
  const { size, fleetMinutes, withinMib } = asked;
  const group = withinMib === null ? null : makeMemoryGroup(`muster-footprint-${process.pid}`, withinMib);
  try {
    const parent: Readonly<Record<string, string>> =
      driver === "compose" && group !== null ? { ELK_OS_CGROUP_PARENT: group.path } : {};
    const stack = await layOutStack({ environment: { ELK_OS_DRIVER: driver, ELK_OS_SIZE: size, ...parent } });
    try {
      const verbs = verbsOf(stack, signal);
      const timed = async (...args: readonly string[]) => Math.round((await verbs.run(...args)).seconds * 1000);
      // Fills the caches; how long that takes is another question (bench/bare-machine.sh).
      await timed("up");
      await timed("reset", "--yes");
      if (driver === "embedded") group?.join();
      const fromZeroMs = await timed("up");
      const downMs = await timed("down");
      const warmRestartMs = await timed("up");
      const againMs = await timed("up");
      const loaded = verbs.loaded();
      await sleep(IDLE_SECONDS * 1000, undefined, { signal });
      const idle = { ...(await memoryOf(loaded)), afterSeconds: IDLE_SECONDS };
      const fleet =
        fleetMinutes === 0
          ? { notMeasured: "asked for by --fleet MINUTES" }
          : await during(`${fleetMinutes} minutes of fleet`, () => fleetOf(loaded, fleetMinutes, signal));
      signal.throwIfAborted();
      const images = driver === "compose" ? await imageSizes(loaded) : { notMeasured: "services are processes here" };
      const limit = { withinMib, ...(await endedServices(loaded)) };
      return { starts: { fromZeroMs, warmRestartMs, againMs, downMs }, limit, idle, fleet, images };
    } finally {
      await during("taking the stack away", () => clearStack(stack));
    }
  } finally {
    group?.remove();
  }
}

/** Of containers, which have groups of their own, also what the kernel ended in them. */
function endedServices(loaded: LoadedConfig): Promise<Pick<DriverRow["limit"], "outOfMemoryKills" | "restarts">> {
  return withStack(loaded, async ({ driver }) => {
    const containers = await driver.containers();
    const services = containers.length > 0 ? containers : await driver.status();
    const pids = containers.flatMap(({ pid }) => (pid === null ? [] : [pid]));
    return {
      restarts: services.reduce((sum, { restarts }) => sum + restarts, 0),
      outOfMemoryKills: pids.length === 0 ? null : pids.reduce((sum, pid) => sum + outOfMemoryKills(pid), 0),
    };
  });
}

function memoryOf(loaded: LoadedConfig): Promise<MemoryTable> {
  return withStack(loaded, async (stack) => {
    const found = await stackMemory(stack);
    const total = sumOfParts(found);
    if (total === null) throw new Error("The memory of the stack's processes may not be looked at by this user.");
    const row = (part: string, use: NonNullable<typeof total>): MemoryRow => ({
      part,
      processes: use.processes,
      rssMb: Math.round(use.rssBytes / MB),
      pssMb: Math.round(use.pssBytes / MB),
    });
    return {
      parts: found.flatMap(({ part, use }) => (use === null ? [] : [row(part, use)])),
      total: row("total", total),
    };
  });
}

/** Memory as the agents stop, before their field is cleared. */
async function fleetOf(loaded: LoadedConfig, minutes: number, signal: AbortSignal): Promise<DriverRow["fleet"]> {
  let highestPssMb = 0;
  const seen: MemoryTable[] = [];
  const over = new AbortController();
  const watch = (async () => {
    while (!over.signal.aborted) {
      highestPssMb = Math.max(highestPssMb, (await memoryOf(loaded)).total.pssMb);
      await sleep(SAMPLE_MS, undefined, { signal: over.signal }).catch(() => undefined);
    }
  })();
  try {
    const { agents, seed, tasksPerMinute } = FLEET;
    const tasks = Math.ceil(tasksPerMinute * minutes);
    const lastsMs = minutes * 60_000;
    const look = async () => {
      seen.push(await memoryOf(loaded));
    };
    const deeds = await withStack(loaded, (stack) => runFleet(stack, { agents, tasks, seed, lastsMs, look, signal }));
    const [table] = seen;
    if (table === undefined) throw new Error("The fleet was not looked at.");
    return { ...table, minutes, agents, highestPssMb: Math.max(highestPssMb, table.total.pssMb), deeds };
  } finally {
    over.abort();
    await watch;
  }
}

function imageSizes(loaded: LoadedConfig): Promise<Readonly<Record<string, number>> | NotMeasured> {
  return withStack(loaded, async (stack) => {
    const sizes: Record<string, number> = {};
    for (const [name, reference] of Object.entries(imageReferences(stack))) {
      const { stdout } = await docker(["image", "inspect", "--format", "{{.Size}}", reference], {
        purpose: `The size of ${reference} could not be read`,
      });
      sizes[`${name} (${reference})`] = Math.round(Number(stdout.trim()) / MB);
    }
    return sizes;
  });
}
