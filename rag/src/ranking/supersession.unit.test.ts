import { expect, test } from "vitest";
import { readFrontMatter } from "../corpus/front-matter.ts";
import { findSuccessors, putSuccessorsFirst } from "./supersession.ts";

const document = (path: string, front = "") => ({ path, meta: readFrontMatter(`---\n${front}\n---\n`).value });

test("chains are followed to their end, and names may be short", () => {
  const successors = findSuccessors([
    document("memory/a/one.md"),
    document("memory/a/two.md", "supersedes: one"),
    document("memory/three.md", "supersedes: [a/two.md]"),
  ]);
  expect([...successors]).toEqual([
    ["memory/a/one.md", "memory/three.md"],
    ["memory/a/two.md", "memory/three.md"],
  ]);
});

test("a name that leads nowhere and a circle harm nothing", () => {
  expect(findSuccessors([document("memory/a.md", "supersedes: gone\nsuperseded_by: a")]).size).toBe(0);
  const circle = findSuccessors([document("memory/a.md", "supersedes: b"), document("memory/b.md", "supersedes: a")]);
  expect(
    putSuccessorsFirst(
      ["memory/a.md", "memory/b.md"],
      (path) => path,
      circle,
      () => null,
    ),
  ).toHaveLength(2);
});

test("a successor that the answer lacks is fetched", () => {
  const successors = new Map([["old", "new"]]);
  expect(
    putSuccessorsFirst(
      ["x", "old"],
      (path) => path,
      successors,
      (path) => path,
    ),
  ).toEqual(["x", "new", "old"]);
  expect(
    putSuccessorsFirst(
      ["x", "old"],
      (path) => path,
      successors,
      () => null,
    ),
  ).toEqual(["x", "old"]);
});
