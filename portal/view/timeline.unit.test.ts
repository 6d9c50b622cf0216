import { describe, expect, it } from "vitest";
import { emberOf } from "./ember.ts";
import { type ClaimFacts, timelinePicture } from "./timeline.ts";

const now = new Date("2026-11-22T12:00:00Z");
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
const options = { now, since: minutesAgo(600), isCompressed: true };

function claim(over: Partial<ClaimFacts>): ClaimFacts {
  return {
    task: 1,
    attempt: 1,
    epoch: 1,
    kind: "work",
    agent: "a01",
    model_family: "claude",
    claimed_at: minutesAgo(60),
    ended_at: minutesAgo(30),
    ended_by: "submitted",
    outcome: null,
    heartbeat_at: null,
    expires_at: null,
    ember: null,
    ...over,
  };
}

function held(beatMinutesAgo: number): ClaimFacts {
  const lease = { heartbeatAt: minutesAgo(beatMinutesAgo), expiresAt: minutesAgo(beatMinutesAgo - 15) };
  return claim({
    ended_at: null,
    ended_by: null,
    heartbeat_at: lease.heartbeatAt,
    expires_at: lease.expiresAt,
    ember: emberOf({ task: 1, epoch: 1, agent: "a01", kind: "work", leaseSeconds: 900, ...lease }, now),
  });
}

describe("a timeline", () => {
  it("gives each agent one lane, in the order of names", () => {
    const { lanes } = timelinePicture([claim({ agent: "a02" }), claim({}), claim({ task: 2 })], [], options);
    expect(lanes.map(({ agent, bars }) => [agent, bars.length])).toEqual([
      ["a01", 2],
      ["a02", 1],
    ]);
  });

  it("lays claims that were held at once below each other", () => {
    const { lanes } = timelinePicture([claim({}), claim({ task: 2, claimed_at: minutesAgo(45) })], [], options);
    expect(lanes[0]?.bars.map(({ row }) => row)).toEqual([0, 1]);
    expect(lanes[0]?.rows).toBe(2);
  });

  it("draws a held claim up to now, and its lease to the right of now", () => {
    const { lanes, nowX } = timelinePicture([held(1)], [], options);
    const bar = lanes[0]?.bars[0];
    expect(bar?.x1).toBeCloseTo(nowX);
    expect(bar?.leaseTo).toBeGreaterThan(nowX);
    expect(bar?.silentFrom).toBeNull();
  });

  it("shows silence from the last heartbeat on when the claim is cold, and never for one that beats", () => {
    const bar = timelinePicture([held(10)], [], options).lanes[0]?.bars[0];
    expect(bar?.silentFrom).not.toBeNull();
    expect(bar?.silentFrom).toBeLessThan(bar?.x1 ?? 0);
  });

  it("marks the last heartbeat of a held claim, and none of a claim that ended", () => {
    const { lanes, scale } = timelinePicture([held(3)], [], options);
    expect(lanes[0]?.bars[0]?.beatAt).toBe(scale.x(minutesAgo(3).getTime()));
    expect(timelinePicture([claim({})], [], options).lanes[0]?.bars[0]?.beatAt).toBeNull();
  });

  it("joins a claim that was lost to the one that took over, across lanes", () => {
    const lost = claim({ ended_by: "expired", ended_at: minutesAgo(40) });
    const next = claim({ agent: "a02", epoch: 2, claimed_at: minutesAgo(20), ended_at: minutesAgo(10) });
    const { takeovers } = timelinePicture([lost, next], [], options);
    expect(takeovers).toHaveLength(1);
    expect(takeovers[0]?.y1).toBeGreaterThan(takeovers[0]?.y0 ?? 0);
  });

  it("counts a sign of life only for the agent and the claim under which it fell", () => {
    const signs = [
      { task: 1, agent: "a01", at: minutesAgo(50) },
      { task: 1, agent: "a02", at: minutesAgo(50) },
      { task: 1, agent: "a01", at: minutesAgo(5) },
    ];
    expect(timelinePicture([claim({})], signs, options).lanes[0]?.bars[0]?.signs).toHaveLength(1);
  });
});
