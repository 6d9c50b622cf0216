/** What the compose checks say of what an engine may report. That the engine reports it so: test/compose. */
import { describe, expect, test } from "vitest";
import { fixtureStack } from "../../../../test/support/fixture-stack.ts";
import { expectRed } from "../../../../test/support/red.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import type { ContainerFacts, Driver } from "../../drivers/driver.ts";
import type { Stack } from "../../stack/stack.ts";
import type { Check } from "../check.ts";
import { servicesWatched } from "../embedded/processes.ts";
import { servicesKeepRunning } from "../ops/keeps-ending.ts";
import { runChecks } from "../run-checks.ts";
import {
  containersAreOurs,
  containersHardened,
  containersHealthy,
  imagesLocked,
  memoryHolds,
  noCrashLoop,
  noDrift,
  nothingStrange,
} from "./containers.ts";
import { nativePrograms, noWayOut } from "./running.ts";

const SERVICES = ["postgres", "directus", "rag", "portal", "caddy"];
const INSTANCE = {
  instanceId: "1b4e28ba-2fa1-11d2-883f-0016d3cca427",
  driver: "compose",
  createdAt: "",
  cliVersion: "",
} as const;
const signal = new AbortController().signal;

const container = (service: string, change: Partial<ContainerFacts> = {}): ContainerFacts => ({
  id: `id-of-${service}`,
  service,
  image: `${service}:1`,
  imageId: "sha256:aaaaaaaaaaaaaaaa",
  lockedId: "sha256:aaaaaaaaaaaaaaaa",
  state: "running",
  health: "healthy",
  exitCode: 0,
  isOutOfMemory: false,
  restarts: 0,
  startedAt: new Date().toISOString(),
  pid: process.pid,
  memoryLimit: 512 * 1024 * 1024,
  memoryBytes: 64 * 1024 * 1024,
  configHash: "0123456789",
  wantedHash: "0123456789",
  address: "10.0.0.2",
  wantedAddress: "10.0.0.2",
  instance: INSTANCE.instanceId,
  hasWayOut: service === "caddy" || service === "door",
  weaknesses: [],
  ...change,
});

function stackOf(driver: Partial<Driver>): Stack {
  const stack = fixtureStack(temporaryFolder());
  return { ...stack, driver: { ...stack.driver, wantedContainers: SERVICES, ...driver }, instance: () => INSTANCE };
}

/** All services well, but for what is changed of search. */
const withRag = (change: Partial<ContainerFacts>) =>
  stackOf({ containers: async () => SERVICES.map((name) => container(name, name === "rag" ? change : {})) });
const look = (check: Check, stack: Stack) => check.probe(stack, signal);

test.each([
  containersHealthy,
  noCrashLoop,
  nothingStrange,
  noDrift,
  containersAreOurs,
  memoryHolds,
  containersHardened,
  imagesLocked,
  nativePrograms,
])("$id passes containers that are well", async (check) => {
  expect(await look(check, withRag({}))).toMatchObject({ status: "pass" });
});

describe("is red:", () => {
  test("DOCK-03 of a service that is gone, stopped, sick, or without a health check", async () => {
    const gone = stackOf({ containers: async () => SERVICES.slice(1).map((name) => container(name)) });
    expectRed("DOCK-03", await look(containersHealthy, gone), /^no container of postgres$/);
    expectRed("DOCK-03", await look(containersHealthy, withRag({ state: "exited" })), /^rag exited, healthy$/);
    expectRed("DOCK-03", await look(containersHealthy, withRag({ health: "unhealthy" })), /^rag running, unhealthy$/);
    expectRed("DOCK-03", await look(containersHealthy, withRag({ health: null })), /^rag running, no health check$/);
    const elsewhere = { ...gone.driver, wantedContainers: ["door", ...SERVICES.slice(1)] };
    expectRed("DOCK-03", await look(containersHealthy, { ...gone, driver: elsewhere }), /^no container of door$/);
  });

  test("DOCK-05 of one that the engine starts again and again, until ten minutes have passed", async () => {
    const restarts = 3;
    expectRed("DOCK-05", await look(noCrashLoop, withRag({ restarts })), /^rag was started again 3 times/);
    const startedAt = new Date(Date.now() - 11 * 60_000).toISOString();
    expect(await look(noCrashLoop, withRag({ restarts, startedAt }))).toMatchObject({ status: "pass" });
  });

  test("OPS-03 of one, the proxy too, that the engine started ten times and again within the hour", async () => {
    const startedAt = new Date(Date.now() - 59 * 60_000).toISOString();
    const loop = { restarts: 10, startedAt };
    expectRed("OPS-03", await look(servicesKeepRunning, withRag(loop)), /^rag was started again 10 times, last at 2/);
    const facts = SERVICES.map((name) => container(name, name === "caddy" ? loop : {}));
    const context = stackOf({ containers: async () => facts });
    const registry = [servicesWatched, containersHealthy, servicesKeepRunning];
    const [, , found] = await runChecks({ registry, context, driver: "compose", signal });
    expect(found).toMatchObject({
      id: "OPS-03",
      status: "warn",
      evidence: expect.stringMatching(/^caddy was started/),
    });
  });

  test("DOCK-06 of a stranger on our networks", async () => {
    const stack = stackOf({ strangers: async () => ["container spy on muster_inner"] });
    expectRed("DOCK-06", await look(nothingStrange, stack), /^container spy/);
  });

  test("DOCK-07 of one that was made from other settings", async () => {
    expectRed("DOCK-07", await look(noDrift, withRag({ wantedHash: "9876543210" })), /^rag run from another/);
    expectRed("DOCK-07", await look(noDrift, withRag({ wantedHash: null })), /^rag run from another/);
  });

  test("DOCK-08 of another instance's container, and of one at another address", async () => {
    const other = await look(containersAreOurs, withRag({ instance: "other" }));
    expectRed("DOCK-08", other, /^rag \(id-of-rag\) is of instance other/);
    expect(other).toMatchObject({ verdict: "WRONG_INSTANCE" });
    expectRed("DOCK-08", await look(containersAreOurs, withRag({ address: "10.0.0.9" })), /at 10\.0\.0\.9$/);
  });

  test("DOCK-09 of one that ran out of its memory, and of one without a limit", async () => {
    expectRed("DOCK-09", await look(memoryHolds, withRag({ isOutOfMemory: true })), /^rag ran out of its memory$/);
    expectRed("DOCK-09", await look(memoryHolds, withRag({ memoryLimit: 0 })), /^rag has no memory limit$/);
  });

  test("DOCK-10 of one that the engine calls weak", async () => {
    const stack = withRag({ weaknesses: ["runs as root", "keeps capabilities"] });
    expectRed("DOCK-10", await look(containersHardened, stack), /^rag runs as root, keeps capabilities$/);
  });

  test("IMG-04 of an image that is not the locked one, and of one that no lock names", async () => {
    expectRed("IMG-04", await look(imagesLocked, withRag({ imageId: "sha256:b" })), /^rag runs sha256:b as rag:1$/);
    expectRed("IMG-04", await look(imagesLocked, withRag({ lockedId: null })), /^rag runs sha256:a/);
  });

  test("IMG-02 and NET-01 of one that does not run", async () => {
    expectRed("IMG-02", await look(nativePrograms, withRag({ pid: null })), /^rag does not run$/);
    const first = stackOf({ containers: async () => [container("rag", { pid: null })] });
    expectRed("NET-01", await look(noWayOut, first), /^rag does not run$/);
    const outer = stackOf({ containers: async () => ["door", "caddy"].map((name) => container(name, { pid: null })) });
    expect(await look(noWayOut, outer)).toMatchObject({ status: "pass", evidence: "" });
  });
});
