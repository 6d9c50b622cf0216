import { expect, test } from "vitest";
import { fixtureResult } from "../../../test/support/fixture-check.ts";
import { findingLines } from "./finding-lines.ts";
import { ASCII, UNICODE } from "./glyphs.ts";

test("puts glyph, word, id and evidence of a pass on one line", () => {
  expect(findingLines(fixtureResult(), UNICODE)).toEqual(["✓ green   PG-01       18.4 in 3 ms"]);
});

test("adds what was expected, what is, and the fix below a red check", () => {
  const red = fixtureResult({
    id: "HOST-06",
    status: "fail",
    evidence: "secrets/x has mode 0644",
    expected: "0600",
    actual: "0644",
    fix: "chmod 600 it",
  });
  expect(findingLines(red, UNICODE)).toEqual([
    "✗ red     HOST-06     secrets/x has mode 0644",
    "          expected 0600",
    "          actual   0644",
    "          fix      chmod 600 it",
  ]);
});

test("names the verdict of an identity check before its evidence", () => {
  const impostor = fixtureResult({ id: "ID-03", status: "fail", verdict: "IMPOSTOR", evidence: "signed nothing" });
  expect(findingLines(impostor, UNICODE)[0]).toBe("✗ red     ID-03       IMPOSTOR  signed nothing");
});

test.each(["pass", "fail", "error", "warn", "info", "skip"] as const)(
  "draws %s in ASCII, with a word of its own",
  (status) => {
    const [line] = findingLines(fixtureResult({ status }), ASCII);
    expect(line).toMatch(/^[\x20-\x7e]+$/);
    expect(line).toMatch(/^[+x!i-] (green|red|broke|warn|info|skip) /);
  },
);
