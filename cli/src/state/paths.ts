import { join } from "node:path";

/** Below `data`, because that folder is the one that every service may reach. */
export const DOCTOR_REPORT = "doctor.json";

/** Every place in the state folder; nothing else of Muster is written outside it and the cache. */
export interface StatePaths {
  readonly root: string;
  /** 0700, files 0600: only the user who runs elk-os reads them. */
  readonly secrets: string;
  /** Pid records, sockets, and per-service folders that hold what that service may read. */
  readonly run: string;
  readonly logs: string;
  readonly data: string;
  readonly journal: string;
  readonly lock: string;
  /** Settings that were chosen explicitly, so that later commands need no flags. */
  readonly config: string;
  readonly instance: string;
  /** Subnet and addresses of the containers; absent with the embedded driver. */
  readonly network: string;
  /** Digests of the images that the containers run. */
  readonly imageLock: string;
  /** What doctor saw last, for the portal. */
  readonly doctorReport: string;
  /** Client configs and the rendered constitution that `wire` writes. */
  readonly wire: string;
  /** What `wire --into` wrote outside the state folder. */
  readonly placed: string;
  /** Operations that agents could not deliver, one file per agent. */
  readonly outbox: string;
  /** The chain heads behind each checkpoint in the log, one file per digest. */
  readonly checkpoints: string;
  /** What each restore put in the board's place, one file per incarnation that it began. */
  readonly restores: string;
  /** How far the last upgrade came. */
  readonly upgrade: string;
  /** Held by a whole upgrade; `lock` is taken by its steps, each a command of its own. */
  readonly upgradeLock: string;
  /** Where a release is unpacked before it is gone to; there for minutes only. */
  readonly release: string;
}

export function statePaths(stateDir: string): StatePaths {
  return {
    root: stateDir,
    secrets: join(stateDir, "secrets"),
    run: join(stateDir, "run"),
    logs: join(stateDir, "logs"),
    data: join(stateDir, "data"),
    journal: join(stateDir, "journal.jsonl"),
    lock: join(stateDir, "lock"),
    config: join(stateDir, "config.json"),
    instance: join(stateDir, "instance.json"),
    network: join(stateDir, "network.json"),
    imageLock: join(stateDir, "compose.lock.json"),
    doctorReport: join(stateDir, "data", DOCTOR_REPORT),
    wire: join(stateDir, "wire"),
    placed: join(stateDir, "placed.json"),
    outbox: join(stateDir, "outbox"),
    checkpoints: join(stateDir, "checkpoints"),
    restores: join(stateDir, "restores"),
    upgrade: join(stateDir, "upgrade.json"),
    upgradeLock: join(stateDir, "upgrade.lock"),
    release: join(stateDir, "release"),
  };
}
