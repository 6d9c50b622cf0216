/**
 * What an upgrade works on, as plain values: a checkout, a board that agents never stop writing to, backups and a disk. A run can be killed between
 * any two of its acts and in the middle of each, and meets a full disk wherever it is asked to.
 */
import { EXIT } from "../../cli/src/errors/catalog.ts";
import { CliError } from "../../cli/src/errors/cli-error.ts";
import { beginRecord, hasTouchedNothing } from "../../cli/src/upgrade/begin.ts";
import { isUnfinished, type UpgradeRecord } from "../../cli/src/upgrade/record.ts";
import { type RollbackActs, rollBackData } from "../../cli/src/upgrade/roll-back.ts";
import { runUpgrade, type UpgradeActs } from "../../cli/src/upgrade/run-upgrade.ts";
import { forgetUpgrade, undoUpgrade } from "../../cli/src/upgrade/undo-upgrade.ts";

export const OLD = { commit: "a".repeat(40), version: "0.1.0" };
export const NEW = { commit: "b".repeat(40), version: "0.2.0" };
export const RECORD = beginRecord({ from: { ...OLD, ref: "main" }, to: NEW }, new Date("2026-11-29T12:00:00Z"));
export const SCHEMA = { old: { migration: 47, directus: "20260101A" }, new: { migration: 48, directus: "20260101A" } };

/** Thrown in place of a SIGKILL. Whoever catches it, nothing happens any more. */
class Killed extends Error {}

interface Board {
  readonly schema: keyof typeof SCHEMA;
  readonly events: readonly string[];
}

/** What the new release does. */
export interface Release {
  readonly changesSchema: boolean;
  /** Exit code of its `up`. */
  readonly up: number;
}

export class World {
  head = OLD.commit;
  ref = "main";
  /** A git that was killed has left files of two commits. */
  isMixed = false;
  record: UpgradeRecord | null = null;
  databases: Record<string, Board> = { muster: { schema: "old", events: ["before"] } };
  backups: Board[] = [];
  /** Every event that anybody ever wrote. */
  readonly written = new Set(["before"]);
  /** Release whose services run. */
  runs: string | null = OLD.version;
  /** The log tells of the restore. */
  isTold = false;
  isUnpacked = false;
  readonly release: Release;
  /** The next kill: the how-manieth thing that happens is the last one. */
  fuse = Number.POSITIVE_INFINITY;
  happened = 0;
  isDead = false;
  /** The how-manieth thing meets a full disk. */
  fullAt = Number.POSITIVE_INFINITY;

  constructor(release: Release) {
    this.release = release;
  }

  get board(): Board {
    return this.databases["muster"] ?? { schema: "old", events: [] };
  }

  /** Every event that is on some disk. */
  get allEvents(): ReadonlySet<string> {
    return new Set(Object.values(this.databases).flatMap(({ events }) => events));
  }

  /** Names of databases that were replaced. */
  get kept(): readonly string[] {
    return Object.keys(this.databases).filter((name) => name !== "muster");
  }

  /** One thing that either is on disk afterwards or is not. */
  private does(change: () => void): void {
    if (this.runs !== null) this.write();
    this.happened += 1;
    if (this.happened === this.fullAt) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    if (this.happened > this.fuse) {
      this.isDead = true;
      throw new Killed();
    }
    change();
  }

  /** Agents do not wait for an upgrade. */
  private write(): void {
    const event = `event ${this.written.size}`;
    this.written.add(event);
    this.databases["muster"] = { ...this.board, events: [...this.board.events, event] };
  }

  upgradeActs(): UpgradeActs {
    return {
      save: (record) => this.does(() => (this.record = record)),
      head: async () => this.head,
      find: async (ref) => (ref === "main" ? OLD.commit : null),
      pull: async () => {
        this.does(() => (this.isUnpacked = true));
        this.does(() => (this.isUnpacked = false));
      },
      backUp: async () => {
        const before = this.standing();
        this.does(() => this.backups.push(this.board));
        return { backup: String(this.backups.length - 1), before };
      },
      switchTo: async (ref) => {
        this.does(() => (this.isMixed = true));
        this.does(() => {
          this.head = ref === "main" ? OLD.commit : ref;
          this.ref = ref;
          this.isMixed = false;
        });
      },
      run: (args) => this.runVerb(args[0] === "up" ? () => this.up() : () => this.undo()),
    };
  }

  /** A verb as a process of its own: what it throws is an exit code, unless everything was killed. */
  private async runVerb(verb: () => Promise<number>): Promise<number> {
    if (this.isMixed) return EXIT.internal;
    try {
      return await verb();
    } catch (error) {
      if (this.isDead) throw error;
      return error instanceof CliError ? error.exit : EXIT.internal;
    }
  }

  private standing() {
    const { schema, events } = this.board;
    return { ...SCHEMA[schema], event: String(events.length) };
  }

  /** `elk-os up` of what is checked out. */
  private async up(): Promise<number> {
    if (this.isMixed) return EXIT.internal;
    const isNew = this.head === NEW.commit;
    if (isNew && this.release.changesSchema) {
      this.does(() => (this.databases["muster"] = { ...this.board, schema: "new" }));
    }
    if (!isNew && this.board.schema === "new") return EXIT.phaseFailed;
    this.does(() => (this.runs = isNew ? NEW.version : OLD.version));
    return isNew ? this.release.up : EXIT.ok;
  }

  /** `elk-os rollback --yes` of what is checked out, without what it prints. */
  private async undo(): Promise<number> {
    const { record } = this;
    const { save, ...acts } = this.upgradeActs();
    if (record === null || !(isUnfinished(record) || record.step === "done")) return EXIT.preflight;
    if (hasTouchedNothing(record)) {
      forgetUpgrade(record, { save, dropRelease: () => this.does(() => (this.isUnpacked = false)) });
      return EXIT.ok;
    }
    const undone = await undoUpgrade(record, {
      ...acts,
      save,
      takeBack: async () => this.does(() => (this.isMixed = false)),
      putBack: (begun) => rollBackData(begun, this.rollbackActs()),
    });
    if (undone.by === "other-release") return undone.exit;
    const exit = await this.up();
    if (exit === EXIT.ok) save({ ...(this.record ?? record), step: "rolled-back" });
    return exit;
  }

  private rollbackActs(): RollbackActs {
    const tellLog = async () => {
      this.does(() => (this.isTold = true));
      return null;
    };
    return {
      save: (record) => this.does(() => (this.record = record)),
      startDatabase: async () => undefined,
      standing: async () => this.standing(),
      countEventsAfter: async (event) => this.board.events.length - Number(event),
      hasDatabase: async (name) => name in this.databases,
      stopWriters: async () => this.does(() => (this.runs = null)),
      restore: async (backup, keepAs) => {
        const saved = this.backups[Number(backup)];
        if (saved === undefined) throw new Error("no such backup");
        // Loading beside the board is the first half; nothing is swapped when the run dies in it.
        this.does(() => undefined);
        this.does(() => (this.databases = { ...this.databases, [keepAs]: this.board, muster: saved }));
        return tellLog();
      },
      tellLog,
      nameToKeep: () => `muster_before_${this.happened}`,
    };
  }

  /** `elk-os upgrade`: begins, or goes on with what is recorded. Answers its exit code, null when it was killed or met what is no CliError. */
  upgrade(): Promise<number | null> {
    return this.command(async () => {
      const acts = this.upgradeActs();
      if (this.record === null) acts.save(RECORD);
      const record = this.record ?? RECORD;
      if (isUnfinished(record)) await runUpgrade(record, acts, () => undefined);
      return EXIT.ok;
    });
  }

  /** `elk-os rollback --yes`; answers as `upgrade` does. */
  rollback(): Promise<number | null> {
    return this.command(() => this.undo());
  }

  private async command(work: () => Promise<number>): Promise<number | null> {
    this.isDead = false;
    this.happened = 0;
    try {
      return await work();
    } catch (error) {
      return error instanceof CliError && !this.isDead ? error.exit : null;
    }
  }

  /** Runs one of the two, killed when that many things have happened in it. */
  async killedAfter(things: number, verb: "upgrade" | "rollback"): Promise<number | null> {
    this.fuse = things;
    const exit = await this[verb]();
    this.fuse = Number.POSITIVE_INFINITY;
    return exit;
  }
}
