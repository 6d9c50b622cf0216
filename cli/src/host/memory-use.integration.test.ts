/** Memory and ancestry of real processes of this machine. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { memoryByRoot, parseRollup } from "./memory-use.ts";
import { groupByRoot, processesBelow } from "./process-table.ts";

/** A process with a child of its own; answers both pids once both run. */
async function parentAndChild(): Promise<{ readonly parent: number; readonly child: number }> {
  const script = `
    const work = "process.stdout.write('up'); setInterval(() => {}, 1000)";
    const child = require("node:child_process").spawn(process.execPath, ["-e", work]);
    child.stdout.once("data", () => process.stdout.write(String(child.pid)));
    process.on("SIGTERM", () => { child.kill("SIGKILL"); process.exit(); });
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "ignore"] });
  const ended = once(parent, "exit");
  onTestFinished(async () => {
    parent.kill("SIGTERM");
    await ended;
  });
  const [chunk] = await once(parent.stdout, "data");
  return { parent: parent.pid ?? 0, child: Number(String(chunk)) };
}

test("a process counts with all below it, and who is below two roots for the nearer one", async () => {
  const { parent, child } = await parentAndChild();
  const pids = (root: number, roots: readonly number[]) =>
    (groupByRoot(roots).get(root) ?? []).map(({ pid }) => pid).sort((a, b) => a - b);
  expect(processesBelow(parent).map(({ pid }) => pid)).toEqual(expect.arrayContaining([parent, child]));
  expect(pids(parent, [parent])).toEqual([parent, child].sort((a, b) => a - b));
  expect(pids(parent, [parent, child])).toEqual([parent]);
  expect(pids(child, [parent, child])).toEqual([child]);

  const use = memoryByRoot([parent, child]);
  for (const root of [parent, child]) {
    const { processes, rssBytes, pssBytes } = use.get(root) ?? { processes: 0, rssBytes: 0, pssBytes: 0 };
    expect(processes).toBe(1);
    expect(pssBytes).toBeGreaterThan(1_000_000);
    // Two of the same program share its pages, of which each counts a part.
    expect(pssBytes).toBeLessThan(rssBytes);
  }
});

test("a root that does not live takes nothing", () => {
  expect(memoryByRoot([4_194_304 + 1]).get(4_194_305)).toEqual({ processes: 0, rssBytes: 0, pssBytes: 0 });
});

test("the kernel's sums are read as bytes, and a text without them as none", () => {
  expect(parseRollup("00400000-7ffe [rollup]\nRss:   100 kB\nPss:    40 kB\nPss_Dirty:   7 kB\n")).toEqual({
    rssBytes: 102_400,
    pssBytes: 40_960,
  });
  expect(parseRollup("")).toEqual({ rssBytes: 0, pssBytes: 0 });
});
