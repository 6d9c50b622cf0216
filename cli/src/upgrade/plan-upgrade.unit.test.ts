import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { WANTED_MAJOR } from "../checks/postgres/server.ts";
import { readVersion } from "../stack/open-stack.ts";
import { compareVersions, readGate } from "./gate.ts";
import { judgeUpgrade, type UpgradeFacts } from "./plan-upgrade.ts";

const CHECKOUT = resolve(import.meta.dirname, "..", "..", "..");
const MIB = 1024 * 1024;
const release = { version: "0.2.0", from: "0.1.0", postgresMajor: WANTED_MAJOR, freeDiskMb: 100, manual: [] };
const fileOf = (entry: unknown) => JSON.stringify({ schema: "muster.upgrades/1", releases: [entry] });

describe("the gate file", () => {
  it("of this checkout has an entry for its version, for the Postgres that it runs", () => {
    const gate = readGate(readFileSync(join(CHECKOUT, "cli/upgrades.json"), "utf8"), readVersion(CHECKOUT));
    expect(gate).toMatchObject({ version: readVersion(CHECKOUT), postgresMajor: WANTED_MAJOR });
  });

  it("gives the entry of the release, and ignores what a later one may say", () => {
    expect(readGate(fileOf({ ...release, colour: "blue" }), "0.2.0")).toEqual(release);
  });

  it.each([
    ["is absent", null, /older than upgrades are/],
    ["is no JSON", "{", /is not valid/],
    ["is of another kind", JSON.stringify({ schema: "muster.upgrades/2", releases: [] }), /is not valid: schema/],
    ["lacks a field", fileOf({ ...release, manual: undefined }), /is not valid: releases\.0\.manual/],
    ["names no such release", fileOf({ ...release, version: "0.3.0" }), /no entry for 0\.2\.0/],
  ])("that %s is a reason against the release", (_what, text, sentence) => {
    expect(readGate(text, "0.2.0")).toEqual({ problem: expect.stringMatching(sentence) });
  });

  it("compares versions by number, not by letter", () => {
    expect(compareVersions("0.10.0", "0.9.9")).toBeGreaterThan(0);
    expect(compareVersions("0.1.9", "0.2.0")).toBeLessThan(0);
    expect(compareVersions("1.2.3", "1.2.3")).toBe(0);
  });
});

describe("going to a release", () => {
  const facts: UpgradeFacts = {
    isElsewhere: false,
    from: "0.1.0",
    to: "0.2.0",
    gate: release,
    migrations: ["A board/migrations/0050-add-a-column.sql"],
    edited: [],
    inTheWay: [],
    freeBytes: 500 * MIB,
    boardBytes: 10 * MIB,
  };

  it("has nothing against it when the gate, the schema, the checkout and the disk allow it", () => {
    expect(judgeUpgrade(facts)).toEqual([]);
  });

  it.each<[string, Partial<UpgradeFacts>, RegExp]>([
    ["a board in an external Postgres", { isElsewhere: true }, /external Postgres, which elk-os cannot put back/],
    ["an older release", { to: "0.0.9" }, /older; elk-os rollback/],
    ["a release without a gate", { gate: { problem: "it has none" } }, /it has none/],
    ["a step that is too far", { gate: { ...release, from: "0.1.5" } }, /asks for 0\.1\.5 or newer first/],
    ["another Postgres", { gate: { ...release, postgresMajor: 19 } }, /runs Postgres 19/],
    ["a migration that it lacks", { migrations: ["D board/migrations/0001-a.sql"] }, /lacks board\/migrations\/0001-a/],
    ["a migration that it changed", { migrations: ["M board/migrations/0001-a.sql"] }, /changed board\/migrations/],
    ["uncommitted changes", { edited: ["cli/a", "b", "c", "d", "e", "f"] }, /cli\/a, b, c, d, e and 1 more/],
    ["a file that it would overwrite", { inTheWay: ["log/today.md"] }, /overwrite .*log\/today\.md/],
    ["a disk that holds no three copies of the board", { boardBytes: 200 * MIB }, /needs 700 MiB .* there are 500/],
  ])("is refused for %s", (_what, change, sentence) => {
    const reasons = judgeUpgrade({ ...facts, ...change });
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(sentence);
  });

  it("is refused with every reason at once", () => {
    expect(judgeUpgrade({ ...facts, isElsewhere: true, edited: ["a"], freeBytes: 0 })).toHaveLength(3);
  });
});
