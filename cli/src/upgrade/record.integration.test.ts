import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { statePaths } from "../state/paths.ts";
import { beginRecord } from "./begin.ts";
import { findRecord, type UpgradeRecord, writeRecord } from "./record.ts";

const from = { commit: "a".repeat(40), version: "0.1.0", ref: "main" };
const to = { commit: "b".repeat(40), version: "0.2.0" };
const begun = beginRecord({ from, to }, new Date("2026-11-29T12:00:00Z"));
const undone: UpgradeRecord = {
  ...begun,
  step: "rolled-back",
  backup: "20261129T120000Z",
  before: { migration: 47, directus: "20260101A", event: "1200" },
  why: "elk-os up of 0.2.0 ended with 3",
  undo: { kept: "muster_before_20261129t120500z", lostEvents: 3 },
};

const openPlace = () => ({ paths: statePaths(temporaryFolder()) });

it("is read as it was written, and by nobody but its owner", () => {
  const place = openPlace();
  expect(findRecord(place)).toBeNull();
  for (const record of [begun, undone]) {
    writeRecord(place, record);
    expect(findRecord(place)).toEqual(record);
  }
  expect(statSync(place.paths.upgrade).mode & 0o777).toBe(0o600);
});

it("of a newer release is read by the one of before, which ignores what that one added", () => {
  const place = openPlace();
  writeFileSync(place.paths.upgrade, JSON.stringify({ ...undone, to: { ...to, signed: true }, reason: "later" }));
  expect(findRecord(place)).toEqual(undone);
});

it.each([
  ["torn", (text: string) => text.slice(0, text.length / 2)],
  ["of another kind", (text: string) => text.replace("muster.upgrade/1", "muster.upgrade/2")],
  ["at a step that nobody knows", (text: string) => text.replace('"rolled-back"', '"elsewhere"')],
])("that is %s is refused: nothing is begun or undone by guess", (_what, harm) => {
  const place = openPlace();
  writeRecord(place, undone);
  writeFileSync(place.paths.upgrade, harm(readFileSync(place.paths.upgrade, "utf8")));
  expect(() => findRecord(place)).toThrowError(
    expect.objectContaining({
      code: "STATE_UNREADABLE",
      message: expect.stringContaining(join(place.paths.root, "upgrade.json")),
    }),
  );
});
