/**
 * The long campaigns against the search service: `node bench/rag-harm/run.ts kill|restart [--rounds 200] [--seed 1]`. Prints JSON, and
 * with --out writes it after each part, so that an interrupted run keeps what it found. Exit 1 when anything was lost, doubled, wrong or red, or a start
 * took longer than its floor. As root, some of the kills fall on a full disk.
 */
import { writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { startPostgres } from "../../test/support/postgres.ts";
import { type CampaignResult, READY_FLOOR_MS, runKillCampaign } from "../../test/support/rag-harm/kill-campaign.ts";
import { type RestartResult, runRestartCampaign } from "../../test/support/rag-harm/restart-campaign.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string" },
    seed: { type: "string", default: "1" },
    part: { type: "string", default: "25" },
    out: { type: "string" },
  },
});
const what = positionals[0];
if (what !== "kill" && what !== "restart") throw new Error("Say kill or restart.");
const rounds = Number(values.rounds ?? (what === "kill" ? 200 : 100));
const part = Number(values.part);

const machine = {
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  memoryMb: Math.round(totalmem() / 1_048_576),
  node: process.version,
};
const loadBefore = loadavg();
const parts: (CampaignResult | RestartResult)[] = [];
const postgres = what === "kill" ? await startPostgres() : null;
try {
  for (let done = 0; done < rounds; done += part) {
    const now = Math.min(part, rounds - done);
    parts.push(
      what === "kill"
        ? await runKillCampaign({ rounds: now, seed: Number(values.seed) + done, postgres })
        : await runRestartCampaign(now),
    );
    report();
  }
} finally {
  await postgres?.stop();
}
console.log(report());
process.exitCode = faults().length === 0 ? 0 : 1;

function faults(): readonly string[] {
  return parts.flatMap((one) => {
    if (!("faults" in one)) return [...one.falseReds, ...one.badExits];
    const { slowerThan5s, readyMs } = one;
    const slow = `${slowerThan5s} starts took longer than ${READY_FLOOR_MS} ms until they were ready, up to ${readyMs.max} ms`;
    return slowerThan5s === 0 ? one.faults : [...one.faults, slow];
  });
}

function report(): string {
  const total = parts.reduce((sum, one) => sum + ("rounds" in one ? one.rounds : one.restarts), 0);
  const load = { before: loadBefore, after: loadavg() };
  const text = `${JSON.stringify({ what, total, faults: faults().length, machine, load, parts }, null, 2)}\n`;
  if (values.out !== undefined) writeFileSync(values.out, text);
  return text;
}
