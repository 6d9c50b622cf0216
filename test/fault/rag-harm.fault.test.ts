/** Harm to the search service: kill -9 in the middle of its work, damaged files, a full disk, stops and starts. The long forms: bench/rag-harm. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { makeRagFolder, startRag, takePort } from "../../rag/test/rag-process.ts";
import { startPostgres } from "../support/postgres.ts";
import { READY_FLOOR_MS, runKillCampaign } from "../support/rag-harm/kill-campaign.ts";
import { runRestartCampaign } from "../support/rag-harm/restart-campaign.ts";

test("ten kills in the middle of a write, a compaction or a swap, some with a damaged file or a full disk, lose and double nothing", async () => {
  const postgres = await startPostgres();
  onTestFinished(() => postgres.stop());
  const result = await runKillCampaign({ rounds: 10, seed: 20_261_122, postgres });
  expect(result.faults).toEqual([]);
  // A campaign that never caught the service at work would prove nothing.
  expect(Math.max(...Object.values(result.caught))).toBeGreaterThan(0);
  expect(result.harmed).toBeGreaterThan(0);
  expect(result.tasks).toBeGreaterThan(0);
  expect(result.healing.asked).toBeGreaterThan(0);
  expect(result.full === null || result.full.rounds > 0).toBe(true);
  // By its own processor time, for other tests may have the machine: bench/rag-harm judges the clock.
  expect(result.readyCpuMs.max).toBeLessThanOrEqual(READY_FLOOR_MS);
});

test("five clean restarts are never called anything but well", async () => {
  expect(await runRestartCampaign(5)).toEqual({ restarts: 5, falseReds: [], badExits: [] });
});

/** Why a small file system cannot be mounted here; null when it can. */
function whyNoMount(): string | null {
  return process.getuid?.() === 0 ? null : "only root can mount a small file system";
}

test.skipIf(whyNoMount() !== null)(
  `a full disk is named while every document is found, and is forgotten when there is room again${whyNoMount() === null ? "" : ` (${whyNoMount()})`}`,
  async ({ skip }) => {
    const folder = await makeRagFolder();
    const data = join(folder.root, "data");
    mkdirSync(data);
    onTestFinished(() => folder.remove());
    try {
      execFileSync("/bin/mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", data], { stdio: "pipe" });
    } catch {
      // A container without the right to mount.
      skip("this machine lets nobody mount a file system");
    }
    onTestFinished(() => void execFileSync("/bin/umount", ["-l", data]));
    const lines = Array.from({ length: 300 }, (_, n) => `A line about ports, number ${n}.\n`).join("");
    for (let n = 0; n < 40; n++) await folder.write(`memory/m${n}.md`, `# Memory ${n}\n\nword${n}\n\n${lines}`);
    const { port, close } = await takePort();
    await close();
    const service = startRag({ ...folder.environment(port), ELK_OS_DATA_DIR: data });
    onTestFinished(() => void service.child.kill("SIGKILL"));
    const ask = async (path: string, body?: object): Promise<Record<string, unknown>> => {
      const headers = { authorization: `Bearer ${folder.apiKey}`, "content-type": "application/json" };
      const init = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
      return (await fetch(`http://127.0.0.1:${port}${path}`, init)).json() as Promise<Record<string, unknown>>;
    };
    const becomes = (wanted: object) =>
      vi.waitFor(async () => expect(await ask("/health")).toMatchObject(wanted), { timeout: 30_000, interval: 50 });
    await becomes({ reasons: ["index_not_kept"], kept: { failure: expect.stringContaining("ENOSPC") } });
    for (const n of [0, 20, 39]) {
      expect(await ask("/search", { query: `"word${n}"`, mode: "lexical", limit: 1 })).toMatchObject({
        hits: [{ path: `memory/m${n}.md` }],
      });
    }
    execFileSync("/bin/mount", ["-o", "remount,size=32m", data]);
    await ask("/index/sync", {});
    await becomes({ status: "ok", reasons: [], kept: { failure: null } });
    expect(await ask("/index/verify")).toMatchObject({ ok: true, documents: { on_disk: 40, indexed: 40 } });
  },
);

test.skipIf(whyNoMount() !== null)(
  "the service starts and finds in a network namespace that has nothing but its own loopback",
  ({ skip }) => {
    const script = join(import.meta.dirname, "fixtures", "boot-alone.ts");
    const alone = ["-n", "sh", "-c", `ip link set lo up && exec "$0" "$1"`, process.execPath, script];
    let said: string;
    try {
      said = execFileSync("/usr/bin/unshare", alone, { encoding: "utf8", stdio: "pipe" });
    } catch (error) {
      if (error instanceof Error && /Operation not permitted|not found/.test(error.message)) {
        skip("this machine lets nobody make a network namespace");
      }
      throw error;
    }
    expect(JSON.parse(said)).toMatchObject({
      interfaces: ["lo"],
      health: { status: "ok", model: { state: "verified" } },
      found: { hits: [{ path: "memory/ports.md" }], mode: "hybrid" },
    });
  },
);
