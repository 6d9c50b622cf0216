/**
 * `npm run bench:operations -- [--json] [--tasks N] [--driver NAME]`: how long backup, restore, rotation of secrets, upgrade and rollback take on a
 * board of so many tasks (default 100,000), and for how long each service is away meanwhile; on a Muster of its own, by driver. Writes
 * bench/results/operations-<date>.json and .md, of fewer tasks operations-<date>-short.*; a run of one driver keeps the other's row of the same day
 * and commit. Ctrl-C takes the stack away first; a second one ends at once. Exit 1 when anything broke: no figure is then written.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findEngine } from "../../cli/src/drivers/compose/docker.ts";
import type { DriverId } from "../../cli/src/drivers/driver.ts";
import { isRoot } from "../../cli/src/host/users.ts";
import { machineFacts } from "../footprint/machine.ts";
import type { NotMeasured } from "../footprint/rows.ts";
import { untilInterrupted } from "../interrupt.ts";
import { during } from "../progress.ts";
import { RESULTS } from "../run-facts.ts";
import { measureDriver } from "./measure-driver.ts";
import { page } from "./page.ts";
import { type DriverRow, keptRow, type Operations } from "./rows.ts";

const ASKED_TASKS = 100_000;
const MOST_TASKS = 1_000_000;

const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean" },
    tasks: { type: "string", default: String(ASKED_TASKS) },
    driver: { type: "string" },
  },
});
const tasks = Number(flags.tasks);
if (!(Number.isInteger(tasks) && tasks >= 1 && tasks <= MOST_TASKS))
  throw new Error(`--tasks must be a whole number from 1 to ${MOST_TASKS}.`);

const interrupted = untilInterrupted();

const MEASURES: Readonly<Record<DriverId, () => Promise<DriverRow | NotMeasured>>> = {
  embedded: () => measureDriver("embedded", tasks, interrupted),
  compose: measureCompose,
};
const isDriver = (name: string): name is DriverId => Object.hasOwn(MEASURES, name);
const isWanted = (driver: DriverId) => flags.driver === undefined || flags.driver === driver;
if (flags.driver !== undefined && !isDriver(flags.driver))
  throw new Error(`--driver must be one of ${Object.keys(MEASURES).join(", ")}.`);

const before = machineFacts();
const file = join(RESULTS, `operations-${before.at.slice(0, 10)}${tasks < ASKED_TASKS ? "-short" : ""}`);
const measured: Partial<Record<DriverId, DriverRow | NotMeasured>> = {};
for (const driver of Object.keys(MEASURES).filter(isDriver))
  if (isWanted(driver)) measured[driver] = await during(driver, MEASURES[driver]);
/** Read at the end: both drivers may be measured side by side. */
const known: Operations | null = existsSync(`${file}.json`) ? JSON.parse(readFileSync(`${file}.json`, "utf8")) : null;
const rowOf = (driver: DriverId) => measured[driver] ?? keptRow(known, driver, before.commit);
const result: Operations = {
  schema: "muster.operations/1",
  ...before,
  drivers: { embedded: rowOf("embedded"), compose: rowOf("compose") },
};
writeFileSync(`${file}.json`, `${JSON.stringify(result, null, 2)}\n`);
writeFileSync(`${file}.md`, page(result));
process.stdout.write(flags.json === true ? `${JSON.stringify(result)}\n` : page(result));

/** Where an engine answers; otherwise why not. */
async function measureCompose(): Promise<DriverRow | NotMeasured> {
  if (!isRoot()) return { notMeasured: "the compose driver needs root" };
  const engine = await findEngine(AbortSignal.timeout(60_000));
  if (engine === null) return { notMeasured: "no Docker engine with Compose answers on this machine" };
  return measureDriver("compose", tasks, interrupted);
}
