import { expect, it } from "vitest";
import { within } from "./stage.ts";

it("answers what the work answers, or breaks as it breaks", async () => {
  expect(await within(60, "sums", async () => 3)).toBe(3);
  await expect(within(60, "sums", () => Promise.reject(new Error("no board")))).rejects.toThrow("no board");
});

it("gives up what does not end, and names it", async () => {
  const never = () => new Promise<never>(() => undefined);
  await expect(within(0.01, "stale", never)).rejects.toThrow("stale did not end within 0.01 s");
});
