/** The protocol as a model, every interleaving of it: spin finds nothing in it, and finds the mistake in each broken variant. */
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";

const BROKEN: Readonly<Record<string, string>> = {
  NO_LOCK: "a claim that reads and writes later",
  NO_EPOCH: "a submission that ignores the fence",
  NO_RETEST: "a tick that does not look again",
  NO_LEAP: "a restore that reuses epochs",
  NO_OP: "a repetition without a recorded answer",
  ACK_FIRST: "an answer before the commit",
};

const has = (program: string) => spawnSync(program, [program === "spin" ? "-V" : "--version"]).error === undefined;
const missing = ["spin", "gcc"].filter((program) => !has(program));
const why =
  missing.length === 0
    ? ""
    : ` (skipped: ${missing.join(" and ")} not on this machine; apt-get install spin gcc libc6-dev)`;

/** What an exhaustive search said: the broken assertion, or that there is none in any state. */
function search(variant: string | null): string {
  const folder = temporaryFolder();
  const at = { cwd: folder, encoding: "utf8" } as const;
  copyFileSync(join(import.meta.dirname, "claim.pml"), join(folder, "claim.pml"));
  execFileSync("spin", [...(variant === null ? [] : [`-D${variant}`]), "-a", "claim.pml"], at);
  execFileSync("gcc", ["-O1", "-DSAFETY", "-DCOLLAPSE", "-o", "pan", "pan.c"], at);
  const said = execFileSync(join(folder, "pan"), ["-m100000"], at);
  const [, violation] = /^pan:\d+: (assertion violated|invalid end state)/m.exec(said) ?? [];
  if (violation !== undefined) return violation;
  return /max search depth too small|out of memory|Search not completed/.test(said)
    ? "not every state was seen"
    : "no errors";
}

describe.skipIf(missing.length > 0)(`the claim protocol in Promela${why}`, () => {
  test("is safe in every interleaving", () => {
    expect(search(null)).toBe("no errors");
  });

  test.each(Object.entries(BROKEN))("with %s, %s, is caught", (variant) => {
    expect(search(variant)).toBe("assertion violated");
  });
});
