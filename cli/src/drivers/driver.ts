import type { WithDatabase } from "../backup/database.ts";
import type { Argv } from "../host/run-piped.ts";
import type { ChoreId } from "../services/chores.ts";
import type { LogName } from "../services/logs.ts";
import type { ServiceId } from "../services/service-def.ts";
import type { CacheEntry } from "./embedded/staging/cache-entry.ts";
import type { StageTarget } from "./embedded/staging/stage-recipe.ts";

/** The ways to run services. */
export type DriverId = "embedded" | "compose";

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
  /** Address at which clients on this machine reach it. */
  readonly host: string;
  readonly port: number;
  /** Process that holds that port for it: itself, or what the driver put before it. Null when nobody does. */
  readonly holderPid: number | null;
  /** Process in whose network the port is open; null: this machine's own. */
  readonly networkPid: number | null;
  readonly rssBytes: number | null;
  /** Why it is failed, else null. */
  readonly reason: string | null;
}

/** One container of the instance, as the engine reports it. */
export interface ContainerFacts {
  readonly id: string;
  /** Name in compose.yaml. */
  readonly service: string;
  readonly image: string;
  /** Digest of the image that it runs, and of the one that is locked; null: none is locked. */
  readonly imageId: string;
  readonly lockedId: string | null;
  /** "running", "restarting", "exited", … */
  readonly state: string;
  /** "healthy", "unhealthy", "starting"; null when it has no health check. */
  readonly health: string | null;
  readonly exitCode: number;
  /** The kernel ended a process of it for the memory limit, in its last run or lately. */
  readonly isOutOfMemory: boolean;
  readonly restarts: number;
  readonly startedAt: string;
  /** Main process on this machine; null while it does not run. */
  readonly pid: number | null;
  /** Bytes; 0: no limit. */
  readonly memoryLimit: number;
  readonly memoryBytes: number | null;
  /** Hash of the configuration that it was made from, and of the one that compose.yaml gives now. */
  readonly configHash: string;
  readonly wantedHash: string | null;
  /** Address on the inner network, and the one recorded for it. */
  readonly address: string;
  readonly wantedAddress: string | null;
  /** Instance uuid on its label. */
  readonly instance: string;
  /** It is meant to be on a network that leads out. */
  readonly hasWayOut: boolean;
  /** What weakens it, as the engine reports it: "runs as root", "keeps capabilities"; empty when nothing does. */
  readonly weaknesses: readonly string[];
}

/** A chore that a supervisor carries out now. Times are ISO 8601. */
export interface ChoreStatus {
  readonly id: ChoreId;
  readonly intervalMs: number;
  /** Since when it is carried out at this interval. */
  readonly since: string;
  readonly nextAt: string;
  /** Null before the first run has ended. */
  readonly last: { readonly startedAt: string; readonly ms: number; readonly failure: string | null } | null;
}

/** An image as the engine names it, and the digest of its configuration, which names all that is in it. */
export interface SavedImage {
  readonly reference: string;
  readonly id: string;
}

/** A line of progress: `detail` is evidence ("installing 641 of 1045 packages, 402 MB"). */
export type Progress = (detail: string) => void;

/** Runs the services of one instance. Every method is idempotent. */
export interface Driver {
  readonly id: DriverId;
  /** Refuses (throws PREFLIGHT_FAILED or PORT_TAKEN, facts name pid and exe) before anything is written. */
  preflight(signal: AbortSignal): Promise<void>;
  /** Installs or builds what the service needs, and perhaps what others do, into the cache or the engine. Returns true when something was made. */
  stage(service: ServiceId, progress: Progress, signal: AbortSignal): Promise<boolean>;
  /**
   * What `stage` puts into the cache for all services, as far as another machine can take it over: one of this kind, or the target, which a driver
   * of containers does not look at: the engine's images are of its own machine. Reads files, writes nothing.
   */
  entries(target?: StageTarget): readonly CacheEntry[];
  /**
   * Writes the images that `stage` would pull into a file that `loadImages` reads, and names them; none where services are no containers. Those that the
   * engine does not hold are pulled first.
   */
  saveImages(file: string, progress: Progress, signal: AbortSignal): Promise<readonly SavedImage[]>;
  /**
   * Gives the engine those images, from the output of a command; true when it did not have them all. They count only when they are the ones that were
   * saved. @throws CliError BUNDLE_INVALID
   */
  loadImages(source: Argv, images: readonly SavedImage[], progress: Progress, signal: AbortSignal): Promise<boolean>;
  /** Copies what an image of the engine holds at an absolute path into a folder; false where it holds nothing there, or there are no images. */
  copyFromImage(reference: string, path: string, folder: string, signal: AbortSignal): Promise<boolean>;
  /** A digest of what `stage` and `start` would use now: a changed one means the service must be replaced. */
  inputHash(service: ServiceId): Promise<string>;
  /** Starts the service, or replaces it when its input hash changed; waits until it answers. True when changed. */
  start(service: ServiceId, progress: Progress, signal: AbortSignal): Promise<boolean>;
  /** Stops every service in reverse order and the supervisor; true when something was stopped. */
  down(progress: Progress, signal: AbortSignal): Promise<boolean>;
  status(): Promise<readonly ServiceStatus[]>;
  /** Whose logs there are to read, the services' first. */
  readonly logs: readonly LogName[];
  /** The last lines of one log, oldest first, as they were written: nothing is taken out. Empty when it wrote none. */
  readLog(name: LogName, count: number, signal: AbortSignal): Promise<readonly string[]>;
  /** Names of the containers that must run; empty where services are no containers. */
  readonly wantedContainers: readonly string[];
  /** Every container of the instance; empty where services are no containers. */
  containers(): Promise<readonly ContainerFacts[]>;
  /** Containers, networks and volumes of this machine that bear the instance's name and are no part of it. */
  strangers(): Promise<readonly string[]>;
  /**
   * A throw-away Postgres of the release that the services run on, reached by nobody else. It and its files are gone when `work` ends, however it ends.
   * @throws CliError PREFLIGHT_FAILED where the state folder's path is too long for a socket
   */
  withScratchServer<T>(signal: AbortSignal, work: (server: WithDatabase) => Promise<T>): Promise<T>;
  /**
   * Makes the superuser's password what its file says although nobody knows the one in force: Postgres stops, runs one statement in single-user mode,
   * where it asks for no password, and starts again.
   */
  resetSuperuser(progress: Progress, signal: AbortSignal): Promise<void>;
  /** Deletes what `down` keeps and the state folder does not hold. True when something was deleted. */
  erase(progress: Progress, signal: AbortSignal): Promise<boolean>;
  /** What runs or exists of the instance outside its state folder and the cache, one line each; empty after `down` and `erase`. */
  residue(signal: AbortSignal): Promise<readonly string[]>;
  /** Files of the checkout that services read as copies, where a copy is not what it is a copy of; empty where they read the checkout itself. */
  staleCopies(): Promise<readonly string[]>;
  /** Makes those copies again. False where services read the checkout itself, or were never started. */
  refreshCopies(): Promise<boolean>;
  /** Pid of what starts a service again when it ends; null when nobody does. */
  watcher(): Promise<number | null>;
  /** What is done beside the services again and again; empty where nobody does. */
  chores(): Promise<readonly ChoreStatus[]>;
}
