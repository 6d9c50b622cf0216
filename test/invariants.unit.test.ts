import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { INVARIANTS } from "../board/src/history/check-history.ts";

it("docs/claims.md lists the invariants that the history checker has, in its words", () => {
  const page = readFileSync(join(import.meta.dirname, "..", "docs", "claims.md"), "utf8");
  const listed = [...page.matchAll(/^\| (I\d+) \| (.+) \|$/gm)].map(([, id, sentence]) => ({ id, sentence }));
  expect(listed).toEqual(INVARIANTS.map(({ id, sentence }) => ({ id, sentence })));
});
