import { chmodSync } from "node:fs";
import { join } from "node:path";
import { type Ended, type RunningProgram, startProgram } from "./run-program.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const CHECKOUT = join(import.meta.dirname, "../..");
const FIXTURES = join(CHECKOUT, "test/fault/fixtures/fixture-registries.ts");

/** Ports that nothing listens on: the tester may have an instance of their own on the default ones. */
export const FREE_PORTS = {
  ELK_OS_POSTGRES_PORT: "28151",
  ELK_OS_DIRECTUS_PORT: "28152",
  ELK_OS_RAG_PORT: "28153",
  ELK_OS_PORTAL_PORT: "28154",
};

export interface CliOptions {
  /** The Node that runs it. Default: the one that runs the tests. */
  readonly runtime?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Replaces the CLI's phases and checks by those of test/fault/fixtures. */
  readonly fixtures?: { readonly step?: string; readonly check?: string; readonly isHurried?: boolean };
  /** A checkout other than this one. */
  readonly checkout?: string;
}

/** A folder that a service user may walk to, as a state folder's parent must be. */
export function openFolder(): string {
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  return folder;
}

/** Starts the CLI as a process, on a state folder that the environment or the arguments name. */
export function startCli(args: readonly string[], options: CliOptions = {}): RunningProgram {
  const { step, check, isHurried } = options.fixtures ?? {};
  const checkout = options.checkout ?? CHECKOUT;
  return startProgram(join(checkout, "cli/src/main.ts"), args, {
    node: options.fixtures === undefined ? [] : ["--import", FIXTURES],
    ...(options.runtime === undefined ? {} : { runtime: options.runtime }),
    environment: {
      ...options.environment,
      ...(step === undefined ? {} : { FIXTURE_STEP: step }),
      ...(check === undefined ? {} : { FIXTURE_CHECK: check }),
      ...(isHurried === true ? { FIXTURE_HURRY: "1" } : {}),
    },
  });
}

export function runCli(args: readonly string[], options: CliOptions = {}): Promise<Ended> {
  return startCli(args, options).ended;
}
