import { expect, test } from "vitest";
import { z } from "zod";
import { madeHistory, PROJECTS } from "./made-tasks.ts";

const AGENTS = [
  { name: "ann", family: "alpha" },
  { name: "ben", family: "beta" },
  { name: "cid", family: "alpha" },
];
const NOW = Date.parse("2026-11-30T00:00:00Z");
const claim = z.looseObject({
  task: z.int(),
  epoch: z.int(),
  kind: z.string(),
  agent: z.string(),
  ended_at: z.iso.datetime(),
});
const task = z.looseObject({ number: z.int(), status: z.string(), attempt: z.int() });
const verdict = z.looseObject({ task: z.int(), epoch: z.int(), agent: z.string(), verdict: z.string() });

const history = madeHistory({ first: 41, count: 200, end: 241 }, AGENTS, NOW);
const claims = z.array(claim).parse(history.claims);
const tasks = z.array(task).parse(history.tasks);
const verdicts = z.array(verdict).parse(history.verifications);
const familyOf = (name: string) => AGENTS.find((agent) => agent.name === name)?.family;

test("most tasks are done, and every other state of a board at rest is there", () => {
  const counted = Object.groupBy(tasks, ({ status }) => status);
  const shares = Object.fromEntries(
    Object.entries(counted).map(([status, of = []]) => [status, of.length / tasks.length]),
  );
  expect(shares).toEqual({ done: 0.65, ready: 0.2, triage: 0.05, in_review: 0.05, blocked: 0.05 });
});

test("the claims of a task run without a gap, have all ended, and end in the past", () => {
  for (const { number } of tasks) {
    const epochs = claims.filter((one) => one.task === number).map(({ epoch }) => epoch);
    expect(epochs).toEqual(epochs.map((_, at) => at + 1));
  }
  expect(claims.filter(({ ended_at }) => Date.parse(ended_at) >= NOW)).toEqual([]);
});

test("a verdict is of somebody of another family than the author's, on a review of the same epoch", () => {
  for (const one of verdicts) {
    const review = claims.find(({ task: of, epoch }) => of === one.task && epoch === one.epoch);
    const work = claims.find(({ task: of, epoch }) => of === one.task && epoch === one.epoch - 1);
    expect([review?.kind, work?.kind, review?.agent]).toEqual(["review", "work", one.agent]);
    expect(familyOf(one.agent)).not.toBe(familyOf(work?.agent ?? ""));
  }
  expect(verdicts.some(({ verdict: said }) => said === "fail")).toBe(true);
});

test("tasks are the same whichever batch they are made in", () => {
  const parts = [41, 141].map((first) => madeHistory({ first, count: 100, end: 241 }, AGENTS, NOW));
  expect(parts.flatMap((part) => part.tasks)).toEqual(history.tasks);
  expect(parts.flatMap((part) => part.claims)).toEqual(history.claims);
});

test("about one task in a hundred is public", () => {
  const of = z.array(z.looseObject({ number: z.int(), project: z.string() })).parse(history.tasks);
  expect(of.filter(({ project }) => project === PROJECTS.public).map(({ number }) => number)).toEqual([101, 202]);
});

test("agents of one family alone cannot review each other", () => {
  expect(() => madeHistory({ first: 1, count: 1, end: 2 }, [{ name: "ann", family: "alpha" }], NOW)).toThrow("alpha");
});
