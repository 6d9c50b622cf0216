/**
 * `npm run bench:footprint -- [--json] [--fleet MINUTES] [--driver NAME] [--size tiny] [--within MIB]`: memory at rest, start times and image sizes of a whole Muster of its own,
 * by driver; with --fleet also memory after a scripted fleet. Writes bench/results/footprint-<date>.json and .md; a run of one driver keeps the other's
 * row of the same day and commit; another size than the default has a report of its own. --within keeps the stack, with page cache and all, in a control group of so many MiB, as a machine
 * without more or swap would; embedded, this program and its fleet with it. Ctrl-C takes the stack away first. Exit 0 also when floors are missed.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findEngine } from "../../cli/src/drivers/compose/docker.ts";
import type { DriverId } from "../../cli/src/drivers/driver.ts";
import { isRoot } from "../../cli/src/host/users.ts";
import { CHECKOUT } from "../../test/support/stack.ts";
import { untilInterrupted } from "../interrupt.ts";
import { machineFacts } from "./machine.ts";
import { measureDriver } from "./measure-driver.ts";
import { page } from "./page.ts";
import { type DriverRow, type Footprint, judge, type NotMeasured, SIZES, type Size } from "./rows.ts";

const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean" },
    fleet: { type: "string", default: "0" },
    driver: { type: "string" },
    size: { type: "string" },
    within: { type: "string" },
  },
});
const fleetMinutes = Number(flags.fleet);
if (!(fleetMinutes >= 0 && fleetMinutes <= 240)) throw new Error("--fleet must be minutes from 0 to 240.");

const withinMib = flags.within === undefined ? null : Number(flags.within);
if (withinMib !== null && !(Number.isInteger(withinMib) && withinMib >= 256))
  throw new Error("--within must be a whole number of MiB, 256 or more.");
const interrupted = untilInterrupted();
const size = sizeOf(flags.size ?? "default");

const MEASURES: Readonly<Record<DriverId, () => Promise<DriverRow | NotMeasured>>> = {
  embedded: () => measureDriver("embedded", { size, fleetMinutes, withinMib }, interrupted),
  compose: measureCompose,
};
const isDriver = (name: string): name is DriverId => Object.hasOwn(MEASURES, name);
const isWanted = (driver: DriverId) => flags.driver === undefined || flags.driver === driver;
if (flags.driver !== undefined && !isDriver(flags.driver))
  throw new Error(`--driver must be one of ${Object.keys(MEASURES).join(", ")}.`);

const before = machineFacts();
const file = join(
  CHECKOUT,
  "bench",
  "results",
  `footprint-${before.at.slice(0, 10)}${size === "default" ? "" : `-${size}`}`,
);
const measured: Partial<Record<DriverId, DriverRow | NotMeasured>> = {};
for (const driver of Object.keys(MEASURES).filter(isDriver))
  if (isWanted(driver)) measured[driver] = await MEASURES[driver]();
const drivers = {
  embedded: measured.embedded ?? earlierRow("embedded"),
  compose: measured.compose ?? earlierRow("compose"),
};
const result: Footprint = {
  schema: "muster.footprint/1",
  ...before,
  size,
  drivers,
  verdicts: judge(drivers, size),
};
writeFileSync(`${file}.json`, `${JSON.stringify(result, null, 2)}\n`);
writeFileSync(`${file}.md`, page(result));
process.stdout.write(flags.json === true ? `${JSON.stringify(result)}\n` : page(result));

/** Read at the end: both drivers may be measured side by side. */
function earlierRow(driver: DriverId): DriverRow | NotMeasured {
  const known: Footprint | null = existsSync(`${file}.json`) ? JSON.parse(readFileSync(`${file}.json`, "utf8")) : null;
  return known?.commit === before.commit ? known.drivers[driver] : { notMeasured: `asked for by --driver ${driver}` };
}

/** Where an engine answers; otherwise why not. */
async function measureCompose(): Promise<DriverRow | NotMeasured> {
  if (!isRoot()) return { notMeasured: "the compose driver needs root" };
  const engine = await findEngine(AbortSignal.timeout(60_000));
  if (engine === null) return { notMeasured: "no Docker engine with Compose answers on this machine" };
  return measureDriver("compose", { size, fleetMinutes, withinMib }, interrupted);
}

function sizeOf(name: string): Size {
  const found = SIZES.find((size) => size === name);
  if (found === undefined) throw new Error(`--size must be one of ${SIZES.join(", ")}.`);
  return found;
}
