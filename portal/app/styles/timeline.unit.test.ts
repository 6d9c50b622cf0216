import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isCurrent, type Phase } from "../../live/client/phase.ts";

const sheet = readFileSync(join(import.meta.dirname, "timeline.css"), "utf8");
const PHASES: Readonly<Record<Phase, true>> = {
  ...{ still: true, connecting: true, live: true, held: true, catching_up: true },
  ...{ paused: true, stale: true, offline: true, database_down: true },
};

/** The rule that puts the embers of the timeline out, and the phases that it names. */
const [, named = "", rules = ""] = /html:is\(([^)]*)\) \{([\s\S]*?)\n\}/.exec(sheet) ?? [];
const phases = [...named.matchAll(/\[data-stream="(\w+)"\]/g)].map(([, phase]) => phase);

test("no tip of the timeline glows on a page without fresh evidence, and every tip does on one that has it", () => {
  const dark = Object.keys(PHASES).filter((phase) => !isCurrent(phase as Phase));
  expect(phases.toSorted()).toEqual(dark.toSorted());
  expect(rules).toMatch(/\.t-tip :is\(\.e-core, \.e-glass\) \{\s*display: none;/);
  expect(rules).toMatch(/\.t-tip \{\s*filter: none;/);
});
