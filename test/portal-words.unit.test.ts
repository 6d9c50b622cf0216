import { expect, it } from "vitest";
import { CHECKS } from "../cli/src/checks/index.ts";
import { groupOf } from "../portal/view/doctor.ts";

it("every group of checks has a word of its own on the page of doctor, not only the letters of its ids", () => {
  const words = new Map(CHECKS.map(({ id }) => [id.replace(/-[^-]*$/, ""), groupOf(id)]));
  const terms = ["MCP", "TLS"];
  expect([...words].filter(([letters, word]) => letters === word && !terms.includes(word))).toEqual([]);
  expect(words.size).toBeGreaterThan(15);
});
