/**
 * Every error the CLI can end with. Codes are permanent: scripts branch on them. The exit code says which
 * kind of failure it is (docs/adr/0006); the code says which one.
 */
export interface ErrorSpec {
  /** Process exit code, from EXIT. */
  readonly exit: number;
  /** What went wrong in general, a noun phrase; the thrown message says what went wrong here. */
  readonly title: string;
}

/** Stable exit codes. Those of signals are 128 plus the signal's number, as shells have it. */
export const EXIT = {
  ok: 0,
  internal: 1,
  usage: 2,
  doctorRed: 3,
  doctorWarnings: 4,
  preflight: 5,
  lockHeld: 6,
  phaseFailed: 7,
  unreachable: 8,
  pending: 9,
  identity: 10,
  backup: 11,
  refused: 12,
  rolledBack: 13,
  rollbackFailed: 14,
  interrupted: 130,
  terminated: 143,
} as const;

export const CLI_ERRORS = {
  INTERNAL: { exit: EXIT.internal, title: "A bug in elk-os" },
  USAGE_INVALID: { exit: EXIT.usage, title: "The command line is not valid" },
  CONFIG_KEY_UNKNOWN: { exit: EXIT.usage, title: "A config key is unknown" },
  CONFIG_VALUE_INVALID: { exit: EXIT.usage, title: "A config value is not valid" },
  PROFILE_INVALID: { exit: EXIT.usage, title: "A profile is not valid" },
  DRIVER_UNAVAILABLE: { exit: EXIT.usage, title: "The driver cannot be used here" },
  DRIVER_CHANGED: { exit: EXIT.usage, title: "This state folder belongs to another driver" },
  DATABASE_CHANGED: { exit: EXIT.usage, title: "This state folder's board lies in another Postgres" },
  AGENT_INVALID: { exit: EXIT.usage, title: "The agent cannot be added or changed so" },
  PREFLIGHT_FAILED: { exit: EXIT.preflight, title: "The machine is not ready; nothing was changed" },
  PORT_TAKEN: { exit: EXIT.preflight, title: "A port is taken; nothing was changed" },
  DATABASE_UNREACHABLE: { exit: EXIT.preflight, title: "The external Postgres does not answer; nothing was changed" },
  DATABASE_UNFIT: {
    exit: EXIT.preflight,
    title: "The external Postgres is not as the board needs it; nothing was changed",
  },
  DATABASE_RIGHTS_MISSING: {
    exit: EXIT.preflight,
    title: "The login to the external Postgres lacks a right; nothing was changed",
  },
  STATE_UNREADABLE: { exit: EXIT.preflight, title: "The state folder cannot be used" },
  LOCK_HELD: { exit: EXIT.lockHeld, title: "Another elk-os is at work on this state folder" },
  PHASE_FAILED: { exit: EXIT.phaseFailed, title: "A phase failed; the run can be resumed" },
  SERVICE_FAILED: { exit: EXIT.phaseFailed, title: "A service did not start" },
  DISK_FULL: { exit: EXIT.phaseFailed, title: "A disk is full" },
  INSTALL_FAILED: { exit: EXIT.phaseFailed, title: "A runtime could not be installed" },
  MIGRATION_REFUSED: { exit: EXIT.phaseFailed, title: "The migrations do not fit this database" },
  JOURNAL_BROKEN: { exit: EXIT.phaseFailed, title: "The journal is damaged" },
  PHASE_TIMED_OUT: { exit: EXIT.unreachable, title: "A phase ran past its time" },
  BOARD_UNREACHABLE: { exit: EXIT.unreachable, title: "The board does not answer" },
  BOARD_REFUSED: { exit: EXIT.refused, title: "The board's law refuses this" },
  SEARCH_UNREACHABLE: { exit: EXIT.unreachable, title: "The search service does not answer" },
  SEARCH_REFUSED: { exit: EXIT.refused, title: "The search service refuses this" },
  MODEL_REFUSED: { exit: EXIT.refused, title: "A model's bytes are not those of the catalogue" },
  MODEL_UNUSABLE: { exit: EXIT.refused, title: "This release cannot use the model" },
  MODEL_UNREACHABLE: { exit: EXIT.unreachable, title: "A model's files cannot be had" },
  DATABASE_OF_ANOTHER: { exit: EXIT.identity, title: "The external Postgres holds the board of another instance" },
  DATABASE_ELSEWHERE: { exit: EXIT.refused, title: "That is done where Postgres runs, not here" },
  IDENTITY_REFUSED: { exit: EXIT.identity, title: "Another program answers on a port of ours" },
  BACKUP_UNKNOWN: { exit: EXIT.usage, title: "There is no such backup" },
  BACKUP_INVALID: { exit: EXIT.backup, title: "A backup does not hold what was saved" },
  RESTORE_UNRECORDED: { exit: EXIT.phaseFailed, title: "The board was restored, and the log does not tell of it" },
  SECRET_UNKNOWN: { exit: EXIT.usage, title: "There is no such secret" },
  SECRET_CHANGED: { exit: EXIT.refused, title: "A secret's file is not what is in force" },
  SECRET_LEAKED: { exit: EXIT.refused, title: "A bundle would have held a secret; it was removed" },
  UPGRADE_REFUSED: { exit: EXIT.preflight, title: "The release cannot be gone to from here; nothing was changed" },
  UPGRADE_STOPPED: {
    exit: EXIT.phaseFailed,
    title: "An upgrade stopped before the board was touched; it can be resumed",
  },
  UPGRADE_ROLLED_BACK: { exit: EXIT.rolledBack, title: "An upgrade failed and was undone" },
  ROLLBACK_FAILED: { exit: EXIT.rollbackFailed, title: "An upgrade failed, and so did undoing it" },
  BUNDLE_REFUSED: { exit: EXIT.preflight, title: "This checkout cannot be made a bundle; nothing was written" },
  BUNDLE_FOREIGN: { exit: EXIT.preflight, title: "A bundle is not for this machine or release; nothing was changed" },
  BUNDLE_INVALID: { exit: EXIT.refused, title: "A bundle is not what was exported" },
  OUTBOX_DAMAGED: { exit: EXIT.phaseFailed, title: "The outbox is damaged" },
  DESTRUCTIVE_REFUSED: { exit: EXIT.refused, title: "A destructive action needs a confirmation" },
  UNINSTALL_INCOMPLETE: { exit: EXIT.phaseFailed, title: "Something of the instance is left" },
  INTERRUPTED: { exit: EXIT.interrupted, title: "Stopped by SIGINT; the run can be resumed" },
  TERMINATED: { exit: EXIT.terminated, title: "Stopped by SIGTERM; the run can be resumed" },
} as const satisfies Record<string, ErrorSpec>;

export type CliErrorCode = keyof typeof CLI_ERRORS;
