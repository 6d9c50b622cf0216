/**
 * The long campaigns against the search service: `npm run --silent bench:rag-kill -- [--rounds 200] [--seed 1]`, `npm run --silent bench:rag-restart -- [--rounds 100]`.
 * Prints JSON and writes it to bench/results/rag-<kill or restart>-<day>.json after each part of `--part` rounds (25), so that an interrupted run keeps what it
 * found; fewer rounds than asked for are written to --out alone. Exit 1 when anything was lost, doubled, wrong or red, a start took longer than
 * its floor, or a part could not be measured here: as root, some of the kills fall on a full disk.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { startPostgres } from "../../test/support/postgres.ts";
import { runKillCampaign } from "../../test/support/rag-harm/kill-campaign.ts";
import { runRestartCampaign } from "../../test/support/rag-harm/restart-campaign.ts";
import { during, say } from "../progress.ts";
import { loadNow, RESULTS, runFacts } from "../run-facts.ts";
import { faultsOf, type HarmPart, unmeasuredOf } from "./verdict.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string" },
    seed: { type: "string", default: "1" },
    part: { type: "string", default: "25" },
    out: { type: "string" },
  },
});
const ASKED = { kill: 200, restart: 100 } as const;
const what = positionals[0];
if (what !== "kill" && what !== "restart") refuse("Say kill or restart.");
const rounds = wholeOf("rounds", values.rounds ?? String(ASKED[what]));
const part = wholeOf("part", values.part);
const seed = wholeOf("seed", values.seed);

const facts = runFacts();
const file = values.out ?? (rounds >= ASKED[what] ? join(RESULTS, `rag-${what}-${facts.at.slice(0, 10)}.json`) : null);
const startedMs = performance.now();
/** Ends a campaign after its round, so that its disks are unmounted and its service and board end; a second signal ends it at once. */
let interrupt: string | null = null;
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    interrupt = signal;
    say(`${signal}: ends after this round`);
  });
const parts: HarmPart[] = [];
/** What ended a part before its time: nobody knows what it would have found. */
const broken: string[] = [];

const postgres = what === "kill" ? await during("kill: a board beside it", () => startPostgres()) : null;
for (let done = 0; done < rounds && interrupt === null; done += part) {
  const now = Math.min(part, rounds - done);
  let round = done;
  const tell = (line: string): void => {
    round += 1;
    say(`   ${what} ${round} of ${rounds}: ${line}`);
    if (interrupt !== null) throw new Error(`interrupted by ${interrupt}`);
  };
  try {
    parts.push(await during(`${what}: rounds ${done + 1} to ${done + now}`, () => runPart(now, seed + done, tell)));
  } catch (error) {
    broken.push(`after round ${round}: ${error instanceof Error ? error.message : String(error)}`);
    say(`broke: ${broken.at(-1)}`);
  }
  report();
}
await postgres?.stop();
process.stdout.write(report());
process.exitCode = faultsOf(parts).length + unmeasured().length === 0 ? 0 : 1;

async function runPart(now: number, partSeed: number, onRound: (line: string) => void): Promise<HarmPart> {
  if (what === "restart") return { kind: "restart", ...(await runRestartCampaign(now, onRound)) };
  return { kind: "kill", ...(await runKillCampaign({ rounds: now, seed: partSeed, postgres, onRound })) };
}

function unmeasured(): readonly string[] {
  return [...broken, ...unmeasuredOf(parts)];
}

function report(): string {
  const total = parts.reduce((sum, one) => sum + (one.kind === "kill" ? one.rounds : one.restarts), 0);
  const [faults, missing] = [faultsOf(parts), unmeasured()];
  const result = {
    what,
    ok: total === rounds && faults.length + missing.length === 0,
    asked: rounds,
    total,
    seconds: Math.round((performance.now() - startedMs) / 1_000),
    faults,
    notMeasured: missing,
    ...facts,
    loadAfter: loadNow(),
    parts,
  };
  const text = `${JSON.stringify(result, null, 2)}\n`;
  if (file !== null) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return text;
}

function wholeOf(name: string, said: string): number {
  const number = Number(said);
  return Number.isSafeInteger(number) && number > 0 ? number : refuse(`--${name} ${said}: a whole number above 0.`);
}

/** Code 2, as for every wrong argument. */
function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}
