/** The log on a full disk, for both who append to it: what was refused is not there, not even in part. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runProgram } from "../../../test/support/run-program.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { appendLog } from "./append-log.ts";
import { verifyLog } from "./verify-log.ts";

const FIXTURE = join(import.meta.dirname, "../../../test/fault/fixtures/log-on-full-disk.ts");
/** Two blocks of 512 bytes, as POSIX has them: a file ends at 1,024. */
const WRAPPER = ["sh", "-c", 'ulimit -f 2; exec "$@"', "sh"];

const contentOf = (folder: string): Record<string, string> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));

test.each([
  // The text meets the end of the disk in its middle.
  { who: "cli", full: "the day's file", entries: [800] },
  { who: "service", full: "the day's file", entries: [800] },
  // The text still fits, its record only in part.
  { who: "cli", full: "the chain", entries: [0, 0, 0] },
  { who: "service", full: "the chain", entries: [0, 0, 0] },
])(
  "when $full is full, $who leaves nothing of the entry, and the next one is chained as its writer's",
  async ({ who, entries }) => {
    const folder = temporaryFolder();
    for (const length of entries) await appendLog(folder, { title: "Kept", body: "x".repeat(length) });
    const before = contentOf(folder);
    const ended = await runProgram(FIXTURE, [who, folder], { wrapper: WRAPPER });
    expect(ended).toMatchObject({ code: 0, stdout: "EFBIG" });
    expect(contentOf(folder)).toEqual(before);
    await appendLog(folder, { title: "After", body: "" });
    expect(verifyLog(folder)).toMatchObject({ records: entries.length + 1, problems: [] });
    expect(Object.values(contentOf(folder)).join("")).not.toContain("Refused");
  },
);
