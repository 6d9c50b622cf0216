import { expect, it } from "vitest";
import { countVerdicts, groupOf, nextExpiry, verdictOf } from "./doctor.ts";

const at = new Date("2026-11-22T12:00:00Z");
const after = (seconds: number) => new Date(at.getTime() + seconds * 1000);
const check = (status: "pass" | "fail" | "error" | "warn" | "info" | "skip") => ({
  id: "PG-01",
  status,
  at,
  ttl_s: 900,
});

it("is green as long as its time to live, and grey from the next second on", () => {
  expect(verdictOf(check("pass"), after(900))).toBe("green");
  expect(verdictOf(check("pass"), after(901))).toBe("expired");
});

it("knows when the next green expires, and that a red never will", () => {
  const [short, long, red] = [{ ...check("pass"), ttl_s: 60 }, check("pass"), { ...check("fail"), ttl_s: 30 }];
  const due = nextExpiry([long, short, red], after(1));
  expect(verdictOf(short, new Date(due - 1))).toBe("green");
  expect(verdictOf(short, new Date(due))).toBe("expired");
  expect(nextExpiry([long, short, red], new Date(due))).toBeGreaterThan(due);
  expect(nextExpiry([long, short, red], after(10_000))).toBe(Number.POSITIVE_INFINITY);
});

it("never lets a red fade", () => {
  expect([verdictOf(check("fail"), after(90_000)), verdictOf(check("error"), after(90_000))]).toEqual(["red", "red"]);
});

it("counts an expired green as no green", () => {
  const counts = countVerdicts([verdictOf(check("pass"), after(1)), verdictOf(check("pass"), after(1_000))]);
  expect(counts).toMatchObject({ green: 1, expired: 1, all: 2 });
});

it("names the group of a check, and keeps a name that it does not know", () => {
  expect([groupOf("PG-04"), groupOf("NEW-1")]).toEqual(["Board", "NEW"]);
});
