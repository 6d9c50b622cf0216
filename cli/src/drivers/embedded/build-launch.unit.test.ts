import { expect, test } from "vitest";
import { configSchema } from "../../config/schema.ts";
import { getService } from "../../services/index.ts";
import { LOOPBACK, type ServiceContext } from "../../services/service-def.ts";
import { openSecrets } from "../../state/secrets.ts";
import { buildLaunch } from "./build-launch.ts";

const config = configSchema.parse({ stateDir: "/state", cacheDir: "/cache", instance: "demo" });

/** Postgres: nothing of its launch is read from a secret. */
function launchWith(settings: object) {
  const context: ServiceContext = {
    config: { ...config, ...settings },
    driver: "embedded",
    instanceId: "8b0c6c2e-2f5c-4d35-9f55-6b9d8f2f7c11",
    version: "0.1.0",
    build: "abc",
    profile: () => {
      throw new Error("Postgres shows no profile.");
    },
    places: {
      files: "/state/run/postgres",
      scratch: "/state/run/postgres/tmp",
      data: "/state/data",
      memory: "/memory",
      log: "/log",
      docs: "/docs",
      constitution: "/CLAUDE.md",
    },
    network: {
      listen: LOOPBACK,
      doorHosts: [LOOPBACK],
      hostOf: () => LOOPBACK,
      peers: [`${LOOPBACK}/32`],
      sockets: null,
    },
    staged: (stage) => `/cache/${stage}`,
  };
  const service = getService("postgres");
  return buildLaunch({ service, context, secrets: openSecrets("/nowhere"), owner: null, logFile: "/state/logs/a.log" });
}

test("the supervisor is told how often the settings let a service be started again", () => {
  expect(launchWith({}).restarts).toEqual({ budget: 5, windowMs: 60_000 });
  expect(launchWith({ restartBudget: 0, restartWindowSeconds: 10 }).restarts).toEqual({ budget: 0, windowMs: 10_000 });
});

test("another budget is another launch, so that a running service learns of it", () => {
  expect(launchWith({}).inputHash).toBe(launchWith({}).inputHash);
  expect(launchWith({ restartBudget: 6 }).inputHash).not.toBe(launchWith({}).inputHash);
});
