/** Clean stops and starts of the search service, judged as doctor judges: what is well must never be called anything else. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { deriveServiceKey } from "@muster/board/identity";
import { probeIdentity } from "../../../cli/src/identity/probe-identity.ts";
import { readSettledHealth, ruleOf } from "../../../cli/src/rag-client/rag-health.ts";
import { makeRagFolder, startRag, takePort } from "../../../rag/test/rag-process.ts";

export interface RestartResult {
  readonly restarts: number;
  /** Starts that were called anything but well; must be empty. */
  readonly falseReds: readonly string[];
  /** Exit codes of the stops that were not 0; must be empty. */
  readonly badExits: readonly string[];
}

const GIVE_UP_MS = 60_000;

/** Starts and ends the service `restarts` times over the same files, with a changed file between two starts. `onRound` is told how long each took. */
export async function runRestartCampaign(restarts: number, onRound?: (line: string) => void): Promise<RestartResult> {
  const folder = await makeRagFolder();
  const instanceKey = Buffer.alloc(32, 7);
  await folder.write("secrets/identity", deriveServiceKey(instanceKey, "rag").toString("hex"));
  for (let n = 0; n < 40; n++) await folder.write(`memory/m${n}.md`, `# Memory ${n}\n\nA lesson about ports ${n}.\n`);
  const falseReds: string[] = [];
  const badExits: string[] = [];
  try {
    for (let round = 1; round <= restarts; round++) {
      const beganMs = performance.now();
      await folder.write(
        `memory/m${round % 40}.md`,
        `# Memory ${round % 40}\n\nLearnt in round ${round}: ${randomUUID()}.\n`,
      );
      const { port, close } = await takePort();
      await close();
      const { child, exited, output } = startRag({
        ...folder.environment(port),
        ELK_OS_DATA_DIR: join(folder.root, "data"),
      });
      const said = await judge(folder.instanceId, folder.apiKey, instanceKey, port);
      if (said !== null) falseReds.push(`restart ${round}: ${said}\n${output().slice(-500)}`);
      child.kill("SIGTERM");
      const lost = setTimeout(() => child.kill("SIGKILL"), GIVE_UP_MS);
      const code = await exited;
      clearTimeout(lost);
      if (code !== 0) badExits.push(`restart ${round}: exit ${code ?? `by a kill after ${GIVE_UP_MS} ms`}`);
      onRound?.(`${((performance.now() - beganMs) / 1_000).toFixed(1)} s, ${said ?? "well"}, exit ${code ?? "none"}`);
    }
  } finally {
    await folder.remove();
  }
  return { restarts, falseReds, badExits };
}

/** What identity and health say once the service answers; null when both say that it is well. */
async function judge(instance: string, apiKey: string, instanceKey: Buffer, port: number): Promise<string | null> {
  const signal = AbortSignal.timeout(GIVE_UP_MS);
  const question = { port, service: "rag", instanceKey, instance, version: "0.1.0", build: "dev", signal } as const;
  let verdict = "UNREACHABLE";
  while (verdict === "UNREACHABLE" && !signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    verdict = (await probeIdentity(question)).verdict;
  }
  // Its first look at the files may still be under way, as at every start.
  if (verdict !== "OK" && verdict !== "DEGRADED") return verdict;
  const rag = {
    async call(method: "GET" | "POST", path: string): Promise<Record<string, unknown>> {
      const headers = { authorization: `Bearer ${apiKey}` };
      return (await fetch(`http://127.0.0.1:${port}${path}`, { method, headers })).json() as Promise<
        Record<string, unknown>
      >;
    },
  };
  const { status, reasons } = await readSettledHealth(rag, signal);
  const settled = (await probeIdentity(question)).verdict;
  if (settled !== "OK") return settled;
  return status === "ok" ? null : reasons.map((reason) => `${reason} (${ruleOf(reason).severity})`).join(", ");
}
