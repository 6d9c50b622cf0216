import { expect, test } from "vitest";
import { EventRing } from "./ring.ts";

const place = (id: number, incarnation = 1) => ({ incarnation, xid: BigInt(id), id: BigInt(id) });
const events = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => ({ place: place(from + at), json: String(from + at) }));
const texts = (answer: ReturnType<EventRing["after"]>) =>
  "found" in answer ? answer.found.map(({ json }) => json) : answer.missing;

function ringOf(capacity: number, to: number): EventRing {
  const ring = new EventRing(place(0), capacity);
  ring.push(events(1, to));
  return ring;
}

test("a reader gets what came after its place, and nothing twice", () => {
  const ring = ringOf(10, 5);
  expect(texts(ring.after(place(3)))).toEqual(["4", "5"]);
  expect(texts(ring.after(place(5)))).toEqual([]);
  expect(texts(ring.after(place(0)))).toEqual(["1", "2", "3", "4", "5"]);
});

test("a place that has left the ring is too old, never silently skipped", () => {
  const ring = ringOf(3, 10);
  expect(ring.size).toBe(3);
  expect(texts(ring.after(place(7)))).toEqual(["8", "9", "10"]);
  expect(texts(ring.after(place(6)))).toBe("too_old");
});

test("a place of another incarnation, or ahead of the trail, is unknown", () => {
  const ring = ringOf(10, 5);
  expect(texts(ring.after(place(3, 2)))).toBe("unknown");
  expect(texts(ring.after(place(6)))).toBe("unknown");
});

test("what may not be seen moves the place that is read on from, not the one that is told, and pushes nothing out", () => {
  const hidden = (from: number, to: number) => events(from, to).map(({ place: at }) => ({ place: at, json: null }));
  const ring = ringOf(3, 2);
  ring.push([...events(3, 3), ...hidden(4, 4)]);
  expect([ring.head, ring.told]).toEqual([place(4), place(3)]);
  ring.push(hidden(5, 20));
  expect([ring.head, ring.told, ring.size]).toEqual([place(20), place(3), 3]);
  expect(texts(ring.after(place(1)))).toEqual(["2", "3"]);
  ring.push(events(21, 21));
  expect([ring.head, ring.told]).toEqual([place(21), place(21)]);
  expect(texts(ring.after(place(3)))).toEqual(["21"]);
});

test("older events can be put in front, up to the capacity", () => {
  const ring = new EventRing(place(5), 10);
  ring.push(events(6, 8));
  ring.prepend(place(2), events(3, 5));
  expect(texts(ring.after(place(2)))).toEqual(["3", "4", "5", "6", "7", "8"]);
  expect(texts(ring.after(place(1)))).toBe("too_old");
});

test("older events for which there is no room leave the ring as it was", () => {
  const ring = new EventRing(place(5), 4);
  ring.push(events(6, 8));
  ring.prepend(place(2), events(3, 5));
  expect(texts(ring.after(place(2)))).toBe("too_old");
  expect(texts(ring.after(place(5)))).toEqual(["6", "7", "8"]);
});
