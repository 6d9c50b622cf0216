import { z } from "zod";

/** deploy/prices.json: on-demand prices as read on one day. Nothing here asks anybody what they are today. */
export const pricesSchema = z.strictObject({
  schema: z.literal("muster.prices/1"),
  region: z.string(),
  currency: z.string(),
  readAt: z.iso.date(),
  sources: z.string(),
  hoursPerMonth: z.number().positive(),
  machines: z.record(z.string(), z.strictObject({ hour: z.number().min(0), memoryMb: z.int() })),
  ipv4Hour: z.number().min(0),
  diskGbMonth: z.number().min(0),
});
export type Prices = z.infer<typeof pricesSchema>;

export interface Duty {
  /** Hours a day that the machine runs; stopped, it costs its disk only. */
  readonly hoursPerDay: number;
  readonly diskGb: number;
  /** A public address that is given back when the machine stops. One that is kept is billed all month. */
  readonly ipv4: "released" | "kept" | "none";
}

export interface MonthlyCost extends Duty {
  readonly machine: string;
  readonly compute: number;
  readonly address: number;
  readonly disk: number;
  readonly total: number;
}

/** In the currency of the price file, to the cent. Pure. */
export function monthlyCost(prices: Prices, machine: string, duty: Duty): MonthlyCost {
  const hour = prices.machines[machine]?.hour ?? Number.NaN;
  const running = (prices.hoursPerMonth * duty.hoursPerDay) / 24;
  const addressed = duty.ipv4 === "none" ? 0 : duty.ipv4 === "kept" ? prices.hoursPerMonth : running;
  const compute = cents(running * hour);
  const address = cents(addressed * prices.ipv4Hour);
  const disk = cents(duty.diskGb * prices.diskGbMonth);
  return { ...duty, machine, compute, address, disk, total: cents(compute + address + disk) };
}

/** Longest day, in whole hours, for which the month stays within the budget; 0 when not even one hour does. Pure. */
export function hoursWithin(prices: Prices, machine: string, duty: Omit<Duty, "hoursPerDay">, budget: number): number {
  for (let hours = 24; hours >= 1; hours -= 1) {
    if (monthlyCost(prices, machine, { ...duty, hoursPerDay: hours }).total <= budget) return hours;
  }
  return 0;
}

function cents(amount: number): number {
  return Math.round(amount * 100) / 100;
}
