import { expect, test } from "vitest";
import { nowSentence, type SentenceFacts } from "./sentence.ts";

const BUSY: SentenceFacts = {
  agents: 8,
  onTasks: 6,
  onReviews: 2,
  cold: 1,
  waitsForPerson: 2,
  done: 41,
  tasks: 64,
  lastEventSeconds: 3,
};

const say = (facts: Partial<SentenceFacts>) =>
  nowSentence({ ...BUSY, ...facts })
    .map(({ text }) => text)
    .join("");

test("a busy board is told in one breath", () => {
  expect(say({})).toBe(
    "8 agents hold live claims: 6 on tasks, 2 on reviews. 1 claim has gone cold. 2 tasks wait for a person. 41 of 64 are verified. Last event 3 s ago.",
  );
});

test("one of each is singular", () => {
  expect(say({ agents: 1, onTasks: 1, onReviews: 0, cold: 0, waitsForPerson: 1, done: 1, tasks: 2 })).toBe(
    "1 agent holds a live claim: 1 on a task. 1 task waits for a person. 1 of 2 is verified. Last event 3 s ago.",
  );
});

test("a quiet board says that nobody holds a claim", () => {
  expect(say({ agents: 0, onTasks: 0, onReviews: 0, cold: 0, waitsForPerson: 0, lastEventSeconds: 7_380 })).toBe(
    "No claim is held. 41 of 64 are verified. Last event 2 h 03 m ago.",
  );
});

test("an empty board says so and counts nothing", () => {
  expect(say({ tasks: 0, done: 0, lastEventSeconds: null })).toBe("The board is empty. No task has been written yet.");
});

test("every number is a link, and only cold, waiting and verified parts carry their own mark", () => {
  const links = nowSentence(BUSY).filter(({ href }) => href !== undefined);
  expect(links.map(({ text, mark }) => `${text}: ${mark}`)).toEqual([
    "8 agents: open",
    "6 on tasks: open",
    "2 on reviews: open",
    "1 claim: cold",
    "2 tasks: person",
    "41 of 64: verified",
    "3 s: open",
  ]);
});
