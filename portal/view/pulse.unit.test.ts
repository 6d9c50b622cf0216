import { expect, test } from "vitest";
import { MINUTES, pulseBars } from "./pulse.ts";

test("bars stand from the oldest minute to the newest, empty minutes among them", () => {
  const { bars, most } = pulseBars([
    { minutes_ago: 0, events: 7 },
    { minutes_ago: 23, events: 2 },
  ]);
  expect(bars).toHaveLength(MINUTES);
  expect([bars[0], bars[1], bars.at(-1), most]).toEqual([2, 0, 7, 7]);
});

test("the rate is that of five minutes, and nothing is a rate of nothing", () => {
  expect(pulseBars([{ minutes_ago: 0, events: 50 }]).perMinute).toBe(10);
  expect(pulseBars([])).toMatchObject({ perMinute: 0, most: 0 });
});
