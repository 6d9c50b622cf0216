import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CliError } from "../errors/cli-error.ts";
import { hoursWithin, type MonthlyCost, monthlyCost, type Prices, pricesSchema } from "./monthly-cost.ts";

/** What is claimed of Muster: it runs for 2 to 4 dollars a month. */
const CLAIMED = { from: 2, to: 4 } as const;
const DISK_GB = 8;
const BOX = "t4g.micro";

/** @throws CliError CONFIG_VALUE_INVALID naming the file */
export function loadPrices(checkout: string): Prices {
  const path = join(checkout, "deploy", "prices.json");
  const parsed = pricesSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
  if (parsed.success) return parsed.data;
  throw new CliError("CONFIG_VALUE_INVALID", {
    message: `${path} is not valid: ${parsed.error.issues[0]?.path.join(".")} ${parsed.error.issues[0]?.message}.`,
    hint: "Its fields: cli/src/cost/monthly-cost.ts.",
  });
}

/** The month at several duties, and what of the claim holds. Pure. */
export function describeCost(prices: Prices, hoursPerDay: number) {
  const month = (machine: string, hours: number, ipv4: MonthlyCost["ipv4"]) =>
    monthlyCost(prices, machine, { hoursPerDay: hours, diskGb: DISK_GB, ipv4 });
  const asked = month(BOX, hoursPerDay, "released");
  const others = [
    month(BOX, 24, "released"),
    month(BOX, 24, "none"),
    month("t4g.nano", 24, "none"),
    month(BOX, 0, "released"),
    month(BOX, 0, "kept"),
  ];
  const longestDay = hoursWithin(prices, BOX, { diskGb: DISK_GB, ipv4: "released" }, CLAIMED.to);
  return {
    data: {
      ok: true,
      prices: { region: prices.region, currency: prices.currency, readAt: prices.readAt, sources: prices.sources },
      month: asked,
      others,
      claim: { ...CLAIMED, machine: BOX, holdsUpToHoursPerDay: longestDay, holdsAlwaysOn: longestDay === 24 },
    },
    lines: [
      `prices of ${prices.readAt}, ${prices.region}, on demand; egress, snapshots and taxes are not in them`,
      "",
      ...[asked, ...others].map(describeMonth),
      "",
      `"$${CLAIMED.from}–${CLAIMED.to} a month" holds on a ${BOX} that runs at most ${longestDay} h a day and gives its address back when it stops.`,
      "It does not hold around the clock with a public IPv4 address.",
    ],
  };
}

function describeMonth({ machine, hoursPerDay, ipv4, compute, address, disk, total }: MonthlyCost): string {
  const where = ipv4 === "none" ? "no public IPv4" : `IPv4 ${ipv4}`;
  const sum = `${compute.toFixed(2)} + ${address.toFixed(2)} + ${disk.toFixed(2)}`;
  return `${machine.padEnd(10)} ${String(hoursPerDay).padStart(2)} h/day  ${where.padEnd(14)} ${sum.padEnd(20)} = ${total.toFixed(2)}`;
}
