import { PHASE_IDS } from "../phases/phase.ts";
import type { OptionSpec } from "./command.ts";

export const DRIVER_OPTION: OptionSpec = {
  flags: "--driver <name>",
  description: "how services run (ELK_OS_DRIVER)",
  config: "driver",
  choices: ["auto", "embedded", "compose"],
};

/** Options of every command that runs phases. */
export const STACK_OPTIONS: readonly OptionSpec[] = [
  {
    flags: "--profile <name>",
    description: "profile folder: brand, theme and seed (ELK_OS_PROFILE)",
    config: "profile",
  },
  DRIVER_OPTION,
];

export const SELECTION_OPTIONS: readonly OptionSpec[] = [
  { flags: "--only <phase>", description: "run this phase alone", choices: PHASE_IDS },
  { flags: "--from <phase>", description: "start at this phase", choices: PHASE_IDS },
  { flags: "--to <phase>", description: "stop after this phase", choices: PHASE_IDS },
];
