/**
 * `npm run bench:footprint -- [--json] [--fleet MINUTES]`: memory at rest, start times and image sizes of a whole Muster of its own, by driver; with
 * --fleet also memory after a scripted fleet. Writes bench/results/footprint-<date>.json and .md. Exit 0 also when floors are missed.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findEngine } from "../../cli/src/drivers/compose/docker.ts";
import { isRoot } from "../../cli/src/host/users.ts";
import { CHECKOUT } from "../../test/support/stack.ts";
import { machineFacts } from "./machine.ts";
import { measureDriver } from "./measure-driver.ts";
import { page } from "./page.ts";
import { type DriverRow, type Footprint, judge, type NotMeasured } from "./rows.ts";

const { values: flags } = parseArgs({
  options: { json: { type: "boolean" }, fleet: { type: "string", default: "0" } },
});
const fleetMinutes = Number(flags.fleet);
if (!(fleetMinutes >= 0 && fleetMinutes <= 240)) throw new Error("--fleet must be minutes from 0 to 240.");

const before = machineFacts();
const embedded = await measureDriver("embedded", fleetMinutes);
const compose = await measureCompose();
const result: Footprint = {
  schema: "muster.footprint/1",
  ...before,
  drivers: { embedded, compose },
  verdicts: judge({ embedded, compose }),
};
const file = join(CHECKOUT, "bench", "results", `footprint-${before.at.slice(0, 10)}`);
writeFileSync(`${file}.json`, `${JSON.stringify(result, null, 2)}\n`);
writeFileSync(`${file}.md`, page(result));
process.stdout.write(flags.json === true ? `${JSON.stringify(result)}\n` : page(result));

/** Where an engine answers; otherwise why not. */
async function measureCompose(): Promise<DriverRow | NotMeasured> {
  if (!isRoot()) return { notMeasured: "the compose driver needs root" };
  const engine = await findEngine(AbortSignal.timeout(60_000));
  if (engine === null) return { notMeasured: "no Docker engine with Compose answers on this machine" };
  return measureDriver("compose", fleetMinutes);
}
