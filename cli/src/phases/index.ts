import { init } from "./init.ts";
import { migrate } from "./migrate.ts";
import type { Phase } from "./phase.ts";
import { seed } from "./seed.ts";
import { up } from "./up.ts";
import { wire } from "./wire.ts";

/** The boot sequence. `doctor` follows it and makes nothing, so it is no entry here. */
export const PHASES: readonly Phase[] = [init, up, migrate, seed, wire];
