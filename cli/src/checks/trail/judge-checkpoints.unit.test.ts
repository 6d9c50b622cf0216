import { expect, test } from "vitest";
import type { ChoreStatus } from "../../drivers/driver.ts";
import { type CheckpointFacts, judgeCheckpoints } from "./judge-checkpoints.ts";

const NOW = new Date("2026-11-29T12:00:00.000Z");
const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000).toISOString();

const hourly: ChoreStatus = {
  id: "checkpoint",
  intervalMs: 3_600_000,
  since: hoursAgo(24),
  nextAt: hoursAgo(-0.5),
  last: { startedAt: hoursAgo(0.5), ms: 900, failure: null },
};

function judge(change: Partial<CheckpointFacts>) {
  const last = { at: hoursAgo(0.5), last_id: "812" };
  return judgeCheckpoints({ chore: hourly, last, uncovered: { events: 0, oldest: null }, now: NOW, ...change });
}

const late = { events: 7, oldest: new Date(hoursAgo(5)) };

test("a checkpoint that covers all that is old is green, and says when the next comes", () => {
  expect(judge({})).toEqual({
    status: "pass",
    evidence:
      "last checkpoint 2026-11-29T11:30:00.000Z, up to event 812; every 60 min, next at 2026-11-29T12:30:00.000Z",
  });
});

test("a stack that was just started is green, though its history is old and no checkpoint is there", () => {
  const chore = { ...hourly, since: hoursAgo(0.1), nextAt: hoursAgo(-0.9), last: null };
  expect(judge({ chore, last: null, uncovered: late })).toMatchObject({
    status: "pass",
    evidence: expect.stringContaining("no checkpoint yet"),
  });
});

test("old events that no checkpoint covers are named once the supervisor had three intervals for them", () => {
  const since = (hours: number) => ({ chore: { ...hourly, since: hoursAgo(hours) }, uncovered: late });
  expect(judge(since(2.9)).status).toBe("pass");
  expect(judge(since(3.1))).toMatchObject({
    status: "fail",
    evidence: expect.stringMatching(/^7 events are in no checkpoint, the oldest of 2026-11-29T07:00:00\.000Z; last/),
    expected: "none older than 180 min",
  });
});

test("a run that failed is named at once, with how it ended", () => {
  const last = { startedAt: hoursAgo(0.5), ms: 40, failure: "it ended with code 8" };
  expect(judge({ chore: { ...hourly, last } })).toMatchObject({
    status: "fail",
    evidence: expect.stringMatching(/^the run of 2026-11-29T11:30:00\.000Z failed: it ended with code 8; last/),
  });
});

test("a supervisor that has stopped carrying it out is seen by the run that is overdue", () => {
  expect(judge({ chore: { ...hourly, nextAt: hoursAgo(3.5) } })).toMatchObject({
    status: "fail",
    evidence: expect.stringContaining("has not ended"),
  });
});

test("a chore that nobody carries out is no checkpoint", () => {
  expect(judge({ chore: null }).status).toBe("fail");
});
