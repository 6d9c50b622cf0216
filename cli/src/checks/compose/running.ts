import { readFileSync } from "node:fs";
import { runningArchitecture } from "../../host/elf.ts";
import { findProcess, listPids } from "../../host/process-table.ts";
import { counted } from "../../output/counted.ts";
import { type Check, fail, pass } from "../check.ts";
import { judgePrograms, type RunningProgram } from "../embedded/processes.ts";
import { CONTAINERS_ONLY, containerFacts } from "./containers.ts";

/** IMG-02. The program that runs, not the label of its image: an emulated one starts, too. */
export const nativePrograms: Check = {
  id: "IMG-02",
  title: "Every program that runs in a container is one of this machine's architecture",
  severity: "error",
  drivers: CONTAINERS_ONLY,
  dependsOn: ["DOCK-03"],
  timeoutMs: 15_000,
  async probe(stack) {
    const programs = (await containerFacts(stack)).flatMap(({ service, pid }): readonly RunningProgram[] =>
      pid === null
        ? [{ service, pid, architecture: null }]
        : programsOf(
            service,
            pid,
            listPids().filter((candidate) => isBelow(candidate, pid)),
          ),
    );
    const judged = judgePrograms(programs, process.arch);
    return judged.status === "pass"
      ? pass(`${judged.evidence}, ${counted(programs.length, "process", "processes")}`)
      : judged;
  },
  fix: { summary: "remove the image that is named and run elk-os up: it takes the one of this machine" },
};

/** Postgres's processes come and go: one that ended since it was listed is none, unless it was the service itself. */
export function programsOf(service: string, root: number, listed: readonly number[]): readonly RunningProgram[] {
  return listed
    .map((pid) => ({ service, pid, architecture: runningArchitecture(pid) }))
    .filter(({ pid, architecture }) => architecture !== null || pid === root);
}

function isBelow(pid: number, root: number): boolean {
  for (
    let current: number | undefined = pid;
    current !== undefined && current > 1;
    current = findProcess(current)?.parentPid
  )
    if (current === root) return true;
  return false;
}

const DEFAULT_ROUTE = /^\S+\s+00000000\s/m;

/** NET-01. The routes of the running container, not the network's label. */
export const noWayOut: Check = {
  id: "NET-01",
  title: "No service but the proxy and the door to an external Postgres has a route out of the inner network",
  severity: "error",
  drivers: CONTAINERS_ONLY,
  dependsOn: ["DOCK-03"],
  timeoutMs: 15_000,
  async probe(stack) {
    const inner = (await containerFacts(stack)).filter(({ hasWayOut }) => !hasWayOut);
    for (const { service, pid } of inner) {
      if (pid === null) return fail(`${service} does not run`);
      if (DEFAULT_ROUTE.test(readFileSync(`/proc/${pid}/net/route`, "utf8")))
        return fail(`${service} has a default route`, { expected: "the inner network only" });
    }
    return pass(inner.map(({ service }) => service).join(", "));
  },
  fix: { summary: "docker network disconnect what was joined; elk-os up --only up" },
};
