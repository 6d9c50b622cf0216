import { CHORE_IDS } from "./chores.ts";
import { SERVICE_IDS } from "./service-def.ts";

/** Everything of an instance that writes a log, whichever driver runs it; a driver has some of them. */
export const LOG_NAMES = [...SERVICE_IDS, "supervisor", ...CHORE_IDS, "caddy"] as const;
export type LogName = (typeof LOG_NAMES)[number];
