import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { LoadedConfig } from "../config/load.ts";
import { administratorOf } from "../database/logins.ts";
import { openDriver } from "../drivers/index.ts";
import { getInstance } from "../state/instance.ts";
import { statePaths } from "../state/paths.ts";
import { openSecrets } from "../state/secrets.ts";
import { buildId } from "./build-id.ts";
import { Connections } from "./connections.ts";
import { databaseAddress } from "./database-address.ts";
import { Facts } from "./facts.ts";
import type { Stack } from "./stack.ts";

/** The stack that a command works on; everything that it opened is closed when `work` ends. Changes nothing itself. */
export async function withStack<T>(loaded: LoadedConfig, work: (stack: Stack) => Promise<T>): Promise<T> {
  const paths = statePaths(loaded.value.stateDir);
  const secrets = openSecrets(paths.secrets);
  const connections = new Connections(() => databaseAddress(loaded.value, paths), secrets, {
    administrator: administratorOf(loaded.value),
    isPooled: loaded.value.databaseListenUrl !== undefined,
  });
  const foundation = {
    config: loaded.value,
    provenance: loaded.provenance,
    explicit: loaded.explicit,
    checkout: loaded.checkout,
    paths,
    version: readVersion(loaded.checkout),
    build: buildId(loaded.checkout),
    secrets,
    facts: new Facts(),
    connections,
    instance: () => getInstance(paths.instance),
  };
  try {
    return await work({ ...foundation, driver: openDriver(foundation) });
  } finally {
    await connections.close();
  }
}

/** Version of the release in this checkout. */
export function readVersion(checkout: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));
  return z.object({ version: z.string() }).parse(manifest).version;
}
