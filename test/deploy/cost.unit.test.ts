/** The table in docs/deploy.md, worked out again. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { monthlyCost, pricesSchema } from "../../cli/src/cost/monthly-cost.ts";
import { CHECKOUT, deployFile } from "./deploy-files.ts";

const read = pricesSchema.parse(JSON.parse(deployFile("prices.json")));
const micro = read.machines["t4g.micro"];
const guide = readFileSync(join(CHECKOUT, "docs", "deploy.md"), "utf8");
const rows = [
  ...guide.matchAll(
    /^\| (t4g\.\w+), (\d+) GiB, [^|]+ \| (\d+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \| \*\*([\d.]+)\*\* \|$/gm,
  ),
];

/** t4g.small is not in the file; the page says what it takes it for. */
const prices =
  micro === undefined
    ? read
    : { ...read, machines: { "t4g.small": { hour: micro.hour * 2, memoryMb: 2048 }, ...read.machines } };

test("every line of the table is what the prices give", () => {
  expect(rows).toHaveLength(6);
  for (const [line, machine = "", disk, hours, compute, address, volume, total] of rows) {
    const month = monthlyCost(prices, machine, { hoursPerDay: Number(hours), diskGb: Number(disk), ipv4: "released" });
    expect([month.compute, month.address, month.disk, month.total], line).toEqual(
      [compute, address, volume, total].map(Number),
    );
  }
});

test("the page says of which day the prices are", () => {
  expect(guide).toContain(`${read.region}, on demand, read ${read.readAt}`);
});
