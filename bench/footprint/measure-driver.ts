/** One driver's figures, from a stack of its own: its own state folder and ports, the shared cache. Nothing of it is left. */
import { setTimeout as sleep } from "node:timers/promises";
import { type LoadedConfig, loadConfig } from "../../cli/src/config/load.ts";
import { imageReferences } from "../../cli/src/drivers/compose/container-images.ts";
import { docker } from "../../cli/src/drivers/compose/docker.ts";
import type { DriverId } from "../../cli/src/drivers/driver.ts";
import { stackMemory, sumOfParts } from "../../cli/src/stack/memory-use.ts";
import { withStack } from "../../cli/src/stack/open-stack.ts";
import { CHECKOUT, layOutStack, type Stack as RaisedStack } from "../../test/support/stack.ts";
import { runFleet } from "../fleet/run-fleet.ts";
import type { DriverRow, MemoryRow, MemoryTable, NotMeasured, Size } from "./rows.ts";

const UP_MS = 45 * 60_000;
const DOWN_MS = 5 * 60_000;
/** Long enough for what `up` left to be collected, and for the first checks of health of a container. */
const IDLE_SECONDS = 60;
const FLEET = { agents: 8, seed: 1, tasksPerMinute: 160 } as const;
const SAMPLE_MS = 15_000;
const MB = 1_000_000;

export async function measureDriver(
  driver: DriverId,
  { size, fleetMinutes }: { readonly size: Size; readonly fleetMinutes: number },
): Promise<DriverRow> {
  const stack = await layOutStack({ environment: { ELK_OS_DRIVER: driver, ELK_OS_SIZE: size } });
  try {
    // Fills the caches; how long that takes is another question (bench/bare-machine.sh).
    await timed(stack, ["up"], UP_MS);
    await timed(stack, ["reset", "--yes"], DOWN_MS);
    const fromZeroMs = await timed(stack, ["up"], UP_MS);
    const downMs = await timed(stack, ["down"], DOWN_MS);
    const warmRestartMs = await timed(stack, ["up"], UP_MS);
    const againMs = await timed(stack, ["up"], UP_MS);
    const loaded = loadConfig({
      checkout: CHECKOUT,
      environment: { ELK_OS_STATE_DIR: stack.stateDir, ELK_OS_CACHE_DIR: stack.cacheDir },
    });
    await sleep(IDLE_SECONDS * 1000);
    const idle = { ...(await memoryOf(loaded)), afterSeconds: IDLE_SECONDS };
    const fleet =
      fleetMinutes === 0 ? { notMeasured: "asked for by --fleet MINUTES" } : await fleetOf(loaded, fleetMinutes);
    const images = driver === "compose" ? await imageSizes(loaded) : { notMeasured: "services are processes here" };
    return { starts: { fromZeroMs, warmRestartMs, againMs, downMs }, idle, fleet, images };
  } finally {
    try {
      // `down` keeps an engine's volumes; only this erases them.
      await timed(stack, ["reset", "--yes"], DOWN_MS);
    } finally {
      await stack.dispose();
    }
  }
}

/** Milliseconds that the command took. @throws Error with its answer when it does not end with 0 */
async function timed(stack: RaisedStack, args: readonly string[], timeoutMs: number): Promise<number> {
  const startedAt = performance.now();
  const { exit, stdout, stderr } = await stack.run([...args, "--json"], { timeoutMs });
  if (exit !== 0) throw new Error(`elk-os ${args.join(" ")} ended with ${exit}: ${stdout}${stderr}`);
  return Math.round(performance.now() - startedAt);
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
async function fleetOf(loaded: LoadedConfig, minutes: number): Promise<DriverRow["fleet"]> {
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
    const deeds = await withStack(loaded, (stack) => runFleet(stack, { agents, tasks, seed, lastsMs, look }));
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
