import { expect, test } from "vitest";
import { type EventFacts, eventWords, lastWords } from "./event-line.ts";

const CLAIM: EventFacts = {
  entity: "os_tasks",
  kind: "claimed",
  epoch: 3,
  task_title: "Resume the stream",
  changed: ["status"],
};

const words = (facts: Partial<EventFacts>) => {
  const { look, text } = eventWords({ ...CLAIM, ...facts });
  return `${look.word}: ${text}`;
};

test("a claim names its epoch", () => {
  expect(words({})).toBe("claim: Resume the stream, epoch 3");
});

test("an edit names the columns that people change, not the ones that every write changes", () => {
  expect(words({ kind: "edited", changed: ["date_updated", "title", "version"] })).toBe(
    "edit: Resume the stream, title",
  );
});

test("a note on a task is a note, and a row that the portal does not know keeps its own name", () => {
  expect(words({ entity: "os_notes", kind: "created" })).toBe("note: Resume the stream");
  expect(words({ entity: "os_things", kind: "created", task_title: null })).toBe("created: things");
});

test("the last event of a claim is said in plain words", () => {
  expect([lastWords("review_claimed"), lastWords("note_added"), lastWords(null)]).toEqual([
    "review claimed",
    "note added",
    "",
  ]);
});
