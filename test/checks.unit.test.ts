/** No check without its red proof: a check that nothing ever turned red may be one that cannot fail. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CHECKS } from "../cli/src/checks/index.ts";

const ROOT = join(import.meta.dirname, "..");

/** Why a check has no red proof. An entry that has one is refused, so that the table only shrinks. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "EMB-07": "It says a known limit of its driver on every board; a failure of severity info is its only state.",
};

const ID = "[A-Z]+(?:-[A-Z]+)*-\\d{2}";
/** How a test asserts that a check is red. A mention elsewhere, and one in `also`, prove nothing. */
const SHAPES: readonly RegExp[] = [
  // A row of harms: test/support/harm.ts.
  new RegExp(`\\bred: "(${ID})"`, "g"),
  // A row of cli/src/checks/state-checks.integration.test.ts.
  new RegExp(`\\bred: /\\^(${ID}) `, "g"),
  // A judgement: test/support/red.ts.
  new RegExp(`\\bexpectRed\\(\\s*"(${ID})"`, "g"),
];
/** The red checks of a whole board, all of them. */
const BOARDS: readonly RegExp[] = [
  /\bexpectOnlyRed\([^;]*?\[([^\]]*)\][,\s]*\)/g,
  /\bredChecks\([^)]*\)\)\.to(?:Equal|Contain)\(([^)]*)\)/g,
];

function provenIn(text: string): readonly string[] {
  const single = SHAPES.flatMap((shape) => [...text.matchAll(shape)].map((match) => match[1] ?? ""));
  const listed = BOARDS.flatMap((shape) => [...text.matchAll(shape)]).flatMap(([, list = ""]) =>
    [...list.matchAll(new RegExp(`"(${ID})"`, "g"))].map((match) => match[1] ?? ""),
  );
  return [...single, ...listed];
}

function testsBelow(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => join(folder, name))
    .filter((name) => join(ROOT, name) !== import.meta.filename);
}

const PROVEN = new Set(
  ["test/fault", "test/e2e", "test/compose", "cli/src/checks"]
    .flatMap(testsBelow)
    .flatMap((name) => provenIn(readFileSync(join(ROOT, name), "utf8"))),
);

describe("the red proof of a check", () => {
  it("stands in a test for every check, or its absence has a reason", () => {
    const bare = CHECKS.map(({ id }) => id).filter((id) => !PROVEN.has(id) && EXCEPTIONS[id] === undefined);
    expect(bare).toEqual([]);
  });

  it("has no exception that needs none, or that names no check", () => {
    const ids = new Set(CHECKS.map(({ id }) => id));
    expect(Object.keys(EXCEPTIONS).filter((id) => PROVEN.has(id) || !ids.has(id))).toEqual([]);
  });

  it("is of a check that exists", () => {
    const ids = new Set(CHECKS.map(({ id }) => id));
    expect([...PROVEN].filter((id) => !ids.has(id))).toEqual([]);
  });

  it.each([
    ['{ red: "PG-08", harm: "x" }', ["PG-08"]],
    ["red: /^HOST-06 .*mode/,", ["HOST-06"]],
    ['expectRed("PORT-UI-01", judge(), /x/)', ["PORT-UI-01"]],
    ['expectOnlyRed(board, ["PORT-01", "ID-03"]);', ["PORT-01", "ID-03"]],
    ['expectOnlyRed(await look(shared), ["EMB-08"]);', ["EMB-08"]],
    ['expect(await redChecks("--only", "DOCK-06")).toEqual(["DOCK-06"]);', ["DOCK-06"]],
  ])("is seen in %s", (text, ids) => {
    expect(provenIn(text)).toEqual(ids);
  });

  it.each([
    'also: ["DIR-06"],',
    "// PG-08 is red when the setting is off",
    'expect(board.find("PG-08")).toMatchObject({ status: "skip" });',
    'expect(await redChecks("--only", "DOCK-06")).toEqual([]);',
    'test("PG-08 is red", () => {});',
  ])("is not seen in %s", (text) => {
    expect(provenIn(text)).toEqual([]);
  });
});
