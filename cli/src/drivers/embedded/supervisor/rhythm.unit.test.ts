import { expect, test } from "vitest";
import { type Clock, Rhythm } from "./rhythm.ts";

const HOUR = 3_600_000;

/** A clock that stands still until it is moved; what is due on the way is called at its time. */
class HandClock implements Clock {
  #now = 5_000;
  #calls: { readonly at: number; readonly call: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, call: () => void): () => void {
    const entry = { at: this.#now + ms, call };
    this.#calls.push(entry);
    return () => {
      this.#calls = this.#calls.filter((other) => other !== entry);
    };
  }

  get waiting(): number {
    return this.#calls.length;
  }

  async move(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#calls.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.at);
      this.#calls = this.#calls.filter((other) => other !== next);
      next.call();
      await settled();
    }
    this.#now = end;
  }
}

/** Promises that are ready have been told. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

function hourly(work: () => Promise<void>, firstMs = HOUR) {
  const clock = new HandClock();
  return { clock, rhythm: new Rhythm({ intervalMs: HOUR, firstMs, clock, work }) };
}

function counting() {
  const beats = { count: 0 };
  return {
    beats,
    work: async () => {
      beats.count += 1;
    },
  };
}

test("nothing is done at once: the first beat comes after one interval, and then at each", async () => {
  const { beats, work } = counting();
  const { clock } = hourly(work);
  await clock.move(HOUR - 1);
  expect(beats.count).toBe(0);
  await clock.move(1);
  expect(beats.count).toBe(1);
  await clock.move(10 * HOUR);
  expect(beats.count).toBe(11);
});

test("what another began goes on at its time, and then at each interval", async () => {
  const { beats, work } = counting();
  const { clock, rhythm } = hourly(work, 60_000);
  expect(rhythm.waitMs).toBe(60_000);
  await clock.move(60_000);
  expect(beats.count).toBe(1);
  expect(rhythm.waitMs).toBe(HOUR);
});

test("work that takes longer than an interval is never begun twice, and what it missed is not made up for", async () => {
  const ends: (() => void)[] = [];
  const { clock, rhythm } = hourly(() => new Promise((resolve) => ends.push(resolve)));
  await clock.move(3.5 * HOUR);
  expect(ends).toHaveLength(1);
  expect(rhythm.waitMs).toBe(HOUR / 2);
  ends[0]?.();
  await settled();
  await clock.move(HOUR / 2 - 1);
  expect(ends).toHaveLength(1);
  await clock.move(1);
  expect(ends).toHaveLength(2);
});

test("a timer that comes a moment early makes no second beat of the same hour", async () => {
  const { beats, work } = counting();
  const clock = new HandClock();
  const early: Clock = { now: () => clock.now(), after: (ms, call) => clock.after(Math.max(0, ms - 0.4), call) };
  new Rhythm({ intervalMs: HOUR, firstMs: HOUR, clock: early, work });
  await clock.move(HOUR + 1_000);
  expect(beats.count).toBe(1);
});

test("after its end nothing comes, not even when it ended while work went on", async () => {
  const ends: (() => void)[] = [];
  const { clock, rhythm } = hourly(() => new Promise((resolve) => ends.push(resolve)));
  await clock.move(HOUR);
  rhythm.stop();
  ends[0]?.();
  await settled();
  await clock.move(10 * HOUR);
  expect(ends).toHaveLength(1);
  expect(clock.waiting).toBe(0);
});
