import type { Config, ConfigKey } from "../config/schema.ts";
import type { Driver } from "../drivers/driver.ts";
import type { Instance } from "../state/instance.ts";
import type { StatePaths } from "../state/paths.ts";
import type { SecretStore } from "../state/secrets.ts";
import type { Connections } from "./connections.ts";
import type { Facts } from "./facts.ts";

/** One instance as phases and checks see it. */
export interface Stack {
  readonly config: Config;
  readonly provenance: Readonly<Record<ConfigKey, string>>;
  /** Explicit settings by environment name, recorded by `init`. */
  readonly explicit: Readonly<Record<string, string>>;
  readonly checkout: string;
  readonly paths: StatePaths;
  /** Release of this checkout, and its commit. */
  readonly version: string;
  readonly build: string;
  readonly secrets: SecretStore;
  readonly driver: Driver;
  readonly facts: Facts;
  readonly connections: Connections;
  /** @throws CliError STATE_UNREADABLE before `init`. */
  instance(): Instance;
}
