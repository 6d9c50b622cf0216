import { join } from "node:path";
import { readJournal } from "../../cli/src/journal/read-journal.ts";
import { type CliOptions, FREE_PORTS, openFolder, runCli, startCli } from "./run-cli.ts";
import type { Ended } from "./run-program.ts";

/** An empty place for a state folder, and the CLI on it. */
export function openPlace() {
  const stateDir = join(openFolder(), "state");
  const options = ({ environment, ...rest }: CliOptions): CliOptions => ({
    ...rest,
    environment: { ...FREE_PORTS, ELK_OS_STATE_DIR: stateDir, ...environment },
  });
  return {
    stateDir,
    run: (line: string, extra: CliOptions = {}) => runCli(line.split(" "), options(extra)),
    start: (line: string, extra: CliOptions = {}) => startCli(line.split(" "), options(extra)),
    journal: () => readJournal(join(stateDir, "journal.jsonl")),
  };
}

/** The error that a command answered under --json. */
export function errorOf({ stdout }: Ended): Record<string, unknown> {
  return JSON.parse(stdout).error;
}
