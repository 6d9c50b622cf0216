import { expect, test } from "vitest";
import { COMMANDS } from "../commands/index.ts";
import { configSchema } from "../config/schema.ts";
import { CHORE_IDS, choresOf } from "./chores.ts";

const config = (checkpointIntervalMinutes?: unknown) =>
  configSchema.safeParse({ stateDir: "/s", cacheDir: "/c", instance: "i", checkpointIntervalMinutes });
const chores = (minutes?: unknown) => {
  const { data } = config(minutes);
  if (data === undefined) throw new Error(`Not a setting: ${minutes}`);
  return choresOf(data);
};

test("a checkpoint is taken every hour where nobody says otherwise", () => {
  expect(chores()).toMatchObject([{ id: "checkpoint", args: ["events", "checkpoint"], intervalMs: 3_600_000 }]);
});

test("the interval is the setting's, in minutes, and 0 switches the chore off", () => {
  expect(chores("5")).toMatchObject([{ intervalMs: 300_000 }]);
  expect(chores("0")).toEqual([]);
});

test.each(["-1", "0.5", "hourly", "10081"])("%s is no interval", (minutes) => {
  expect(config(minutes).success).toBe(false);
});

test("each chore is a verb of the CLI, and may run for as long as it says", () => {
  const verbs = COMMANDS.map(({ name }) => name);
  expect(chores().map(({ id }) => id)).toEqual([...CHORE_IDS]);
  for (const { args, limitMs } of chores()) {
    expect(verbs).toContain(args.join(" "));
    expect(limitMs).toBeGreaterThan(0);
  }
});
