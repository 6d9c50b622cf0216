import type { ContainerFacts } from "../../drivers/driver.ts";
import { counted } from "../../output/counted.ts";
import type { Stack } from "../../stack/stack.ts";
import { type Check, fail, pass } from "../check.ts";

/** Why a check of this folder is skipped with the other driver. */
export const CONTAINERS_ONLY = { only: "compose", otherwise: "services are processes here, not containers" } as const;

/** Asked once per look. */
export function containerFacts(stack: Stack): Promise<readonly ContainerFacts[]> {
  return stack.facts.once("driver:containers", () => stack.driver.containers());
}

/** DOCK-03. A service without a health check would count as ready as soon as it runs; here it is red. */
export const containersHealthy: Check = {
  id: "DOCK-03",
  title: "Every container runs, has a health check, and passes it",
  severity: "error",
  drivers: CONTAINERS_ONLY,
  dependsOn: [],
  timeoutMs: 15_000,
  async probe(stack) {
    const facts = await containerFacts(stack);
    const missing = stack.driver.wantedContainers.filter((name) => !facts.some(({ service }) => service === name));
    if (missing.length > 0) return fail(`no container of ${missing.join(", ")}`);
    const sick = facts.filter(({ state, health }) => state !== "running" || health !== "healthy");
    const saw = (all: readonly ContainerFacts[]) =>
      all.map(({ service, state, health }) => `${service} ${state}, ${health ?? "no health check"}`).join("; ");
    return sick.length > 0 ? fail(saw(sick), { expected: "running, healthy" }) : pass(saw(facts));
  },
  fix: { summary: "elk-os logs <service> says why; elk-os up starts it again" },
};

/** How long after its last start a container that was started again counts as one that keeps ending. */
const SETTLED_MS = 10 * 60_000;

/** DOCK-05. */
export const noCrashLoop: Check = {
  id: "DOCK-05",
  title: "No container was started again by the engine in the last ten minutes",
  severity: "error",
  drivers: CONTAINERS_ONLY,
  dependsOn: ["DOCK-03"],
  timeoutMs: 15_000,
  async probe(stack) {
    const facts = await containerFacts(stack);
    const looping = facts.filter(
      ({ restarts, startedAt }) => restarts > 0 && Date.now() - Date.parse(startedAt) < SETTLED_MS,
    );
    const saw = facts.map(({ service, restarts }) => `${service} ${restarts}`).join(", ");
    const first = looping[0];
    return first === undefined
      ? pass(`restarts: ${saw}`)
      : fail(`${first.service} was started again ${counted(first.restarts, "time")}, last at ${first.startedAt}`);
  },
  fix: { summary: "elk-os logs <service> shows its last words; it is green ten minutes after the last restart" },
};

/** DOCK-06. */
export const nothingStrange: Check = {
  id: "DOCK-06",
  title: "No container, network or volume beside those of compose.yaml bears our name or sits on our networks",
  severity: "error",
  drivers: CONTAINERS_ONLY,
  dependsOn: [],
  timeoutMs: 15_000,
  async probe(stack) {
    const strangers = await stack.driver.strangers();
    return strangers.length === 0 ? pass("none") : fail(strangers.join(", "), { expected: "none" });
  },
  fix: { summary: "docker rm, docker network disconnect or docker volume rm what is named; elk-os up --only up" },
};

/** DOCK-07. */
export const noDrift: Check = {
  id: "DOCK-07",
  title: "Every container was made from the compose.yaml and the settings of now",
  severity: "error",
  drivers: CONTAINERS_ONLY,
  dependsOn: ["DOCK-03"],
  timeoutMs: 15_000,
  async probe(stack) {
    const facts = await containerFacts(stack);
    const drifted = facts.filter(({ configHash, wantedHash }) => configHash !== wantedHash);
    return drifted.length === 0
      ? pass(facts.map(({ service, configHash }) => `${service} ${configHash.slice(0, 8)}`).join(", "))
      : fail(`${drifted.map(({ service }) => service).join(", ")} run from another configuration`);
  },
  fix: { summary: "elk-os up replaces them" },
};

/** DOCK-08. Ties the signed answer to one container: a second stack's service of the same name has another label and address. */
export const containersAreOurs: Check = {
  id: "DOCK-08",
  title: "Each container bears this instance's label and has the address that is recorded for it",
  severity: "error",
  drivers: CONTAINERS_ONLY,
  dependsOn: ["DOCK-03"],
  timeoutMs: 15_000,
  async probe(stack) {
    const facts = await containerFacts(stack);
    const { instanceId } = stack.instance();
    const wrong = facts.find(
      ({ instance, address, wantedAddress }) => instance !== instanceId || address !== wantedAddress,
    );
    if (wrong === undefined)
      return pass(facts.map(({ service, id, address }) => `${service} ${id} ${address}`).join(", "));
    return fail(`${wrong.service} (${wrong.id}) is of instance ${wrong.instance} at ${wrong.address}`, {
      expected: `${instanceId} at ${wrong.wantedAddress}`,
      verdict: "WRONG_INSTANCE",
    });
  },
  fix: { summary: "elk-os down, then elk-os up" },
};

/** DOCK-09. */
export const memoryHolds: Check = {
  id: "DOCK-09",
  title: "Every container has a memory limit, and none ran out of it lately",
  severity: "error",
  drivers: CONTAINERS_ONLY,
  dependsOn: ["DOCK-03"],
  timeoutMs: 15_000,
  async probe(stack) {
    const facts = await containerFacts(stack);
    const mib = (bytes: number | null) => (bytes === null ? "?" : String(Math.round(bytes / 1024 / 1024)));
    const wrong = facts.find(({ isOutOfMemory, memoryLimit }) => isOutOfMemory || memoryLimit === 0);
    if (wrong !== undefined)
      return fail(`${wrong.service} ${wrong.isOutOfMemory ? "ran out of its memory" : "has no memory limit"}`);
    return pass(
      facts
        .map(({ service, memoryBytes, memoryLimit }) => `${service} ${mib(memoryBytes)} of ${mib(memoryLimit)} MiB`)
        .join(", "),
    );
  },
  fix: { summary: "raise ELK_OS_LIMIT_<SERVICE>_MB, then elk-os up" },
};

/** DOCK-10. Asked of the engine, not of the file: what runs is what counts. */
export const containersHardened: Check = {
  id: "DOCK-10",
  title: "No container runs as root, keeps capabilities, may gain privileges or can write its root",
  severity: "error",
  drivers: CONTAINERS_ONLY,
  dependsOn: ["DOCK-03"],
  timeoutMs: 15_000,
  async probe(stack) {
    const facts = await containerFacts(stack);
    const weak = facts.filter(({ weaknesses }) => weaknesses.length > 0);
    return weak.length === 0
      ? pass(counted(facts.length, "container"))
      : fail(weak.map(({ service, weaknesses }) => `${service} ${weaknesses.join(", ")}`).join("; "));
  },
  fix: { summary: "take what was changed in compose.yaml back, then elk-os up" },
};

/** IMG-04. */
export const imagesLocked: Check = {
  id: "IMG-04",
  title: "Every container runs the image that was locked when it was first pulled or built",
  severity: "error",
  drivers: CONTAINERS_ONLY,
  dependsOn: ["DOCK-03"],
  timeoutMs: 15_000,
  async probe(stack) {
    const facts = await containerFacts(stack);
    const moved = facts.find(({ imageId, lockedId }) => imageId !== lockedId);
    return moved === undefined
      ? pass(facts.map(({ image, imageId }) => `${image} ${imageId.slice(7, 19)}`).join(", "))
      : fail(`${moved.service} runs ${moved.imageId} as ${moved.image}`, {
          expected: moved.lockedId ?? "a line in compose.lock.json",
          actual: moved.imageId,
        });
  },
  fix: { summary: "elk-os up makes the container from the locked image again" },
};
