import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { findConstitutionDrift, parseRendered, renderConstitution } from "./render.ts";

const CHECKOUT = path.join(import.meta.dirname, "../../..");
const sections = Array.from({ length: 10 }, (_, index) => `## §${index + 1} Rule\n\nText.\n`).join("\n");
const base = `---\nconstitution: 1.2.3\n---\n\n# Constitution\n\n${sections}`;

test("the shipped constitution renders with its version and ten sections", () => {
  const rendered = renderConstitution(readFileSync(path.join(CHECKOUT, "CLAUDE.md"), "utf8"), "generic", null);
  expect(rendered.version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(rendered.text).toContain("## §10 ");
  expect(findConstitutionDrift(rendered, rendered.text)).toBe("same");
});

test("what is rendered can be read back", () => {
  const rendered = renderConstitution(base, "demo", "## Of this profile\n\nMore.");
  expect(parseRendered(rendered.text)).toEqual({
    version: "1.2.3",
    profile: "demo",
    sha256: rendered.sha256,
    body: expect.stringMatching(/## §10 Rule[\s\S]*## Of this profile\n\nMore\.\n$/),
  });
});

test("the same input gives the same bytes, and blank lines at the end do not count", () => {
  expect(renderConstitution(`${base}\n\n`, "demo", null)).toEqual(renderConstitution(base, "demo", null));
});

test("a rule that changes changes the hash", () => {
  const changed = base.replace("Text.", "Other text.");
  expect(renderConstitution(changed, "demo", null).sha256).not.toBe(renderConstitution(base, "demo", null).sha256);
});

test("drift is told apart: missing, unreadable, edited, outdated, same", () => {
  const expected = renderConstitution(base, "demo", null);
  const older = renderConstitution(base.replace("1.2.3", "1.2.2"), "demo", null);
  const verdicts = [null, "# Notes\n", expected.text.replace("Text.", "Text!"), older.text, expected.text];
  expect(verdicts.map((actual) => findConstitutionDrift(expected, actual))).toEqual([
    "missing",
    "unreadable",
    "edited",
    "outdated",
    "same",
  ]);
});

test("an edit that also renders a new hash is still not what was rendered", () => {
  const expected = renderConstitution(base, "demo", null);
  const forged = renderConstitution(base.replace("Text.", "Text!"), "demo", null);
  expect(findConstitutionDrift(expected, forged.text)).toBe("outdated");
});

test.each([
  [base.replace("constitution: 1.2.3\n", ""), null, "version"],
  [base.replace("constitution: 1.2.3", "constitution: next"), null, "version"],
  [base.replace("§4", "§5"), null, "1, 2, 3, 5, 5"],
  [`${base}\n## §11 More\n`, null, "not 1 to 10"],
  [base, "## §3 Mine\n", "belong to CLAUDE.md"],
])("a constitution that is not whole is refused, case %#", (text, fragment, problem) => {
  expect(() => renderConstitution(text, "demo", fragment)).toThrow(problem);
});
