import { expect, it } from "vitest";
import { eventPath, eventsPath, isFilteredLog, namedEvents, parseEventFilter } from "./event-filter.ts";

it("reads from the address what it writes there", () => {
  const filter = parseEventFilter({ kind: "claimed", actor: "a01", task: "65", before: "512" });
  expect(eventsPath(filter)).toBe("/events?kind=claimed&actor=a01&task=65&before=512");
  expect(eventsPath({ ...filter, before: null }, "/events/feed.xml")).toBe(
    "/events/feed.xml?kind=claimed&actor=a01&task=65",
  );
  expect(namedEvents(filter)).toBe("kind claimed, actor a01, task #65");
});

it("leads to an event that is older than the newest page", () => {
  expect(eventPath(512)).toBe("/events?before=513#e512");
});

it("a page further back is no filter", () => {
  expect(isFilteredLog(parseEventFilter({ before: "512" }))).toBe(false);
  expect(isFilteredLog(parseEventFilter({ task: "65" }))).toBe(true);
});
