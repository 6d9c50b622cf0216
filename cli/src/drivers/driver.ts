import type { ServiceId } from "../services/service-def.ts";

/** What is known of one service's process; the proof of identity is a check, not this. */
export interface ServiceStatus {
  readonly service: ServiceId;
  readonly state: "running" | "starting" | "stopped" | "failed";
  /** Null when it does not run. */
  readonly pid: number | null;
  /** Kernel start time of the pid in clock ticks since boot; with the pid it names one process for ever. */
  readonly startTicks: number | null;
  readonly startedAt: string | null;
  readonly restarts: number;
  readonly port: number;
  readonly rssBytes: number | null;
  /** Why it is failed, else null. */
  readonly reason: string | null;
}

/** A line of progress: `detail` is evidence ("installing 641 of 1045 packages, 402 MB"). */
export type Progress = (detail: string) => void;

/** Runs the services of one instance. Every method is idempotent. */
export interface Driver {
  readonly id: "embedded" | "compose";
  /** Refuses (throws PREFLIGHT_FAILED or PORT_TAKEN, facts name pid and exe) before anything is written. */
  preflight(signal: AbortSignal): Promise<void>;
  /** Installs or builds what the service needs, into the cache. Returns true when something was made. */
  stage(service: ServiceId, progress: Progress, signal: AbortSignal): Promise<boolean>;
  /** A digest of what `stage` and `start` would use now: a changed one means the service must be replaced. */
  inputHash(service: ServiceId): Promise<string>;
  /** Starts the service, or replaces it when its input hash changed; waits until it answers. True when changed. */
  start(service: ServiceId, progress: Progress, signal: AbortSignal): Promise<boolean>;
  /** Stops every service in reverse order and the supervisor; true when something was stopped. */
  down(progress: Progress, signal: AbortSignal): Promise<boolean>;
  status(): Promise<readonly ServiceStatus[]>;
  /** Pid of what starts a service again when it ends; null when nobody does. */
  watcher(): Promise<number | null>;
}
