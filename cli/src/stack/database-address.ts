import type { Config } from "../config/schema.ts";
import { LOOPBACK } from "../services/service-def.ts";
import { readInnerNetwork } from "../state/inner-network.ts";
import type { StatePaths } from "../state/paths.ts";

export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
}

/** Where the instance's Postgres takes connections: loopback, or its recorded address on the containers' inner network. */
export function databaseAddress(
  config: Pick<Config, "postgresPort">,
  paths: Pick<StatePaths, "network">,
): DatabaseAddress {
  return { host: readInnerNetwork(paths.network)?.addresses.postgres ?? LOOPBACK, port: config.postgresPort };
}
