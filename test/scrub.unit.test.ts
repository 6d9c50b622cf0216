import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findOriginTerms, findOriginTermsBelow } from "./support/find-origin-terms.ts";

const PROFILES = path.join(import.meta.dirname, "../profiles");

test("the generic profile names nothing of where it came from", () => {
  expect(findOriginTermsBelow(path.join(PROFILES, "generic"))).toEqual([]);
});

test("the same audit is red on the profile that does name its origin", () => {
  expect(findOriginTermsBelow(path.join(PROFILES, "analogelk"))).toContain("profile.yaml: Analog Elk");
});

test.each([
  "analog elk",
  "AnalogElk",
  "ANALOG-ELK",
  "analog_elk",
  "Analog\n  Elk",
  "Analog\u200BElk",
  "a.n.a.l.o.g.elk",
  "Ａｎａｌｏｇ Ｅｌｋ",
  "mike WALLISER",
  "https://cms.34-220-64-149.sslip.io/",
  "34.220.64.149",
  "elk-chat",
  "AE-tasks",
  "ae_seed",
  "the AE seed",
])("the audit finds %j", (text) => {
  expect(findOriginTerms(`before ${text} after`)).not.toEqual([]);
});

test.each(["elk-os up", "an analog clock", "aerial", "maestro", "the elk", "34.2 %, 20 of 64"])(
  "the audit lets %j pass",
  (text) => {
    expect(findOriginTerms(text)).toEqual([]);
  },
);

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "muster-scrub-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("the audit finds a term in a file name, in a folder name and in escaped JSON", () => {
  mkdirSync(path.join(folder, "AnalogElk"));
  writeFileSync(path.join(folder, "AE-tasks.txt"), "clean");
  writeFileSync(path.join(folder, "tasks.json"), '["\\u0041nalog\\u0020Elk"]');
  writeFileSync(path.join(folder, "clean.json"), '["clean"]');
  expect(findOriginTermsBelow(folder).sort()).toEqual([
    "AE-tasks.txt: AE",
    "AnalogElk: Analog Elk",
    "tasks.json: Analog Elk",
  ]);
});
