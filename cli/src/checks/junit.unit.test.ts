import { expect, test } from "vitest";
import { fixtureResult } from "../../../test/support/fixture-check.ts";
import { toJunit } from "./junit.ts";

const results = [
  fixtureResult({ id: "PG-01", ms: 1_234 }),
  fixtureResult({ id: "PG-02", status: "fail", evidence: 'role "x" < & >' }),
  fixtureResult({ id: "PG-03", status: "error", evidence: "the check itself broke" }),
  fixtureResult({ id: "PG-04", status: "warn", evidence: "old" }),
  fixtureResult({ id: "PG-05", status: "skip", evidence: "blocked by PG-02" }),
  fixtureResult({ id: "PG-06", status: "info" }),
];

test("writes one case per check, with its time in seconds", () => {
  const lines = toJunit(results, false).split("\n");
  expect(lines[1]).toBe('<testsuite name="muster doctor" tests="6" failures="1" errors="1" skipped="1">');
  expect(lines[2]).toBe('  <testcase classname="doctor" name="PG-01 Postgres answers" time="1.234"/>');
  expect(lines[3]).toContain('<failure message="role &quot;x&quot; &lt; &amp; &gt;"/>');
  expect(lines[4]).toContain('<error message="the check itself broke"/>');
  expect(lines[5]).toMatch(/\/>$/);
  expect(lines[6]).toContain('<skipped message="blocked by PG-02"/>');
  expect(lines.slice(8)).toEqual(["</testsuite>", ""]);
});

test("counts warnings as failures under --strict only", () => {
  expect(toJunit(results, true)).toContain('failures="2"');
  expect(toJunit(results, true)).toContain('<failure message="old"/>');
});

test("replaces control characters of a stranger's answer, which XML forbids even when escaped", () => {
  const xml = toJunit([fixtureResult({ status: "fail", evidence: "answered \u0000\u001b[31mred\ud800" })], false);
  expect(xml).toContain('message="answered \ufffd\ufffd[31mred\ufffd"');
});
