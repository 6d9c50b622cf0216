import { expect, test } from "vitest";
import { type Activity, reasonsToStay } from "./judge-idle.ts";

const NOW = new Date("2026-11-30T12:00:00.000Z");
const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);

const quiet: Activity = {
  leases: 0,
  newestEvent: minutesAgo(31),
  upSince: minutesAgo(90),
  atWork: null,
  now: NOW,
};
const judge = (change: Partial<Activity>, minutes = 30) => reasonsToStay({ ...quiet, ...change }, minutes);

test("a board that nobody held or wrote for half an hour is idle, and one that was never written, too", () => {
  expect(judge({})).toEqual([]);
  expect(judge({ newestEvent: null })).toEqual([]);
});

test.each<[string, Partial<Activity>, string]>([
  ["a lease that runs", { leases: 1 }, "1 task is claimed and the lease runs"],
  ["several leases", { leases: 3 }, "3 tasks are claimed and the lease runs"],
  ["an event", { newestEvent: minutesAgo(29.9) }, "the board was written 29 minutes ago"],
  ["a start", { upSince: minutesAgo(1.5) }, "it was started 1 minute ago"],
  ["a command", { atWork: "backup create" }, "`elk-os backup create` is at work"],
])("%s alone keeps it in use", (_, change, reason) => {
  expect(judge(change)).toEqual([reason]);
});

test("the time is what is asked for, and has passed at its last millisecond", () => {
  expect(judge({ newestEvent: minutesAgo(30) })).toEqual([]);
  expect(judge({ newestEvent: new Date(minutesAgo(30).getTime() + 1) })).toHaveLength(1);
  expect(judge({}, 60)).toEqual(["the board was written 31 minutes ago"]);
});

test("a moment in the future proves no quiet", () => {
  expect(judge({ newestEvent: minutesAgo(-5) })).toEqual(["the board was written 0 minutes ago"]);
  expect(judge({ upSince: minutesAgo(-5) })).toEqual(["it was started 0 minutes ago"]);
});

test("all reasons are said", () => {
  const busy = { leases: 2, newestEvent: NOW, upSince: minutesAgo(3), atWork: "up" };
  expect(judge(busy)).toHaveLength(4);
});
