import { expect, it } from "vitest";
import { TokenBucket } from "./token-bucket.ts";

it("lets a burst through, refuses the next, and lets one more through when its share of time has passed", () => {
  const bucket = new TokenBucket({ size: 2, perSecond: 4 }, 0);
  expect([bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([true, true, false]);
  expect([bucket.take(200), bucket.take(250), bucket.take(260)]).toEqual([false, true, false]);
});

it("saves up no more than its size", () => {
  const bucket = new TokenBucket({ size: 1, perSecond: 10 }, 0);
  expect([bucket.take(60_000), bucket.take(60_000)]).toEqual([true, false]);
});
