import { describe, expect, it } from "vitest";
import prices from "../../../deploy/prices.json" with { type: "json" };
import { type Duty, hoursWithin, monthlyCost, pricesSchema } from "./monthly-cost.ts";

const read = pricesSchema.parse(prices);
const cost = (machine: string, duty: Partial<Duty>) =>
  monthlyCost(read, machine, { hoursPerDay: 24, diskGb: 8, ipv4: "released", ...duty }).total;

describe("a month", () => {
  // Worked out by hand from the prices of that day.
  it.each<[string, Partial<Duty>, number]>([
    ["t4g.nano", {}, 7.36],
    ["t4g.nano", { ipv4: "none" }, 3.71],
    ["t4g.micro", {}, 10.42],
    ["t4g.micro", { ipv4: "none" }, 6.77],
    ["t4g.micro", { hoursPerDay: 4 }, 2.27],
    ["t4g.micro", { hoursPerDay: 8 }, 3.9],
    ["t4g.micro", { hoursPerDay: 0 }, 0.64],
  ])("of %s with %j costs %f", (machine, duty, total) => {
    expect(cost(machine, duty)).toBeCloseTo(total, 1);
  });

  it("with an address that is kept pays for it while the machine is stopped", () => {
    expect(cost("t4g.micro", { hoursPerDay: 0, ipv4: "kept" })).toBeCloseTo(0.64 + 3.65, 2);
  });
});

describe("a budget", () => {
  it("of 4 dollars is 8 hours a day, not 24", () => {
    expect(hoursWithin(read, "t4g.micro", { diskGb: 8, ipv4: "released" }, 4)).toBe(8);
  });

  it("below the price of the disk is no hour at all", () => {
    expect(hoursWithin(read, "t4g.micro", { diskGb: 8, ipv4: "released" }, 0.5)).toBe(0);
  });
});
