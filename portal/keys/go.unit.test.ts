import { expect, it } from "vitest";
import { withChoices } from "./go.ts";

it.each([
  ["/board", "", "/board"],
  ["/board", "?theme=console", "/board?theme=console"],
  ["/board", "?at=1795865000&page=3", "/board?at=1795865000"],
  ["/list?q=port", "?at=2026-11-22T19%3A41%3A00Z&theme=paper", "/list?q=port&at=2026-11-22T19%3A41%3A00Z&theme=paper"],
  ["/board", "?theme=evil", "/board"],
])("leads to %s from a page with %j and keeps instant and theme", (path, search, address) => {
  expect(withChoices(path, search)).toBe(address);
});
