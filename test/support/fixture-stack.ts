import { loadConfig } from "../../cli/src/config/load.ts";
import type { ConfigKey } from "../../cli/src/config/schema.ts";
import type { Driver } from "../../cli/src/drivers/driver.ts";
import { Connections } from "../../cli/src/stack/connections.ts";
import { Facts } from "../../cli/src/stack/facts.ts";
import type { Stack } from "../../cli/src/stack/stack.ts";
import { getInstance } from "../../cli/src/state/instance.ts";
import { statePaths } from "../../cli/src/state/paths.ts";
import { openSecrets } from "../../cli/src/state/secrets.ts";

/** A driver without services, for what only touches the state folder. */
const IDLE_DRIVER: Driver = {
  id: "embedded",
  preflight: async () => {},
  stage: async () => false,
  entries: () => [],
  saveImages: async () => [],
  loadImages: async () => false,
  copyFromImage: async () => false,
  inputHash: async (service) => service,
  start: async () => false,
  down: async () => false,
  status: async () => [],
  logs: [],
  readLog: async () => [],
  wantedContainers: [],
  containers: async () => [],
  strangers: async () => [],
  withScratchServer: async () => {
    throw new Error("This driver runs nothing.");
  },
  resetSuperuser: async () => undefined,
  erase: async () => false,
  residue: async () => [],
  staleCopies: async () => [],
  refreshCopies: async () => false,
  watcher: async () => null,
  chores: async () => [],
};

/** The real stack of a state folder in `checkout`, whose driver runs nothing. */
export function fixtureStack(checkout: string, flags: Partial<Record<ConfigKey, string>> = {}): Stack {
  const loaded = loadConfig({ checkout, environment: {}, isRoot: false, flags });
  const paths = statePaths(loaded.value.stateDir);
  const secrets = openSecrets(paths.secrets);
  return {
    config: loaded.value,
    provenance: loaded.provenance,
    explicit: loaded.explicit,
    checkout: loaded.checkout,
    paths,
    version: "0.1.0",
    build: "dev",
    secrets,
    driver: IDLE_DRIVER,
    facts: new Facts(),
    connections: new Connections(() => ({ host: "127.0.0.1", port: loaded.value.postgresPort }), secrets),
    instance: () => getInstance(paths.instance),
  };
}
