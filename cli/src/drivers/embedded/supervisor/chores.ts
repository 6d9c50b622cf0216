import { isDeepStrictEqual } from "node:util";
import { currentBootId } from "../../../host/process-table.ts";
import type { ChoreId } from "../../../services/chores.ts";
import { Chore } from "./chore.ts";
import type { ChoreSpec } from "./chore-spec.ts";
import type { Records } from "./records.ts";

/** The chores of one supervisor. */
export interface Chores {
  /** These and no others from now on. True when that changes anything. */
  schedule(specs: readonly ChoreSpec[]): Promise<boolean>;
  rotate(): void;
  /** Ends what runs and forgets all of them. */
  stop(): Promise<void>;
  /** Ends what runs; the next supervisor goes on with them. */
  release(): Promise<void>;
}

/** Goes on with the chores that an earlier supervisor of this boot left on record. */
export function openChores(records: Records): Chores {
  const chores = new Map<ChoreId, Chore>();
  for (const record of records.readChores()) {
    // After a reboot nothing of it is there to work with until `up` asks again.
    if (record.bootId !== currentBootId()) records.removeChore(record.id);
    else chores.set(record.id, Chore.adopt(records, record));
  }
  const forget = async (id: ChoreId) => {
    await chores.get(id)?.stop();
    chores.delete(id);
  };
  return {
    async schedule(specs) {
      const isKept = ({ record }: Chore) => specs.some((spec) => isDeepStrictEqual(spec, record.spec));
      const gone = [...chores.values()].filter((chore) => !isKept(chore));
      for (const { record } of gone) await forget(record.id);
      const added = specs.filter(({ id }) => !chores.has(id));
      for (const spec of added) chores.set(spec.id, Chore.start(records, spec));
      return gone.length + added.length > 0;
    },
    rotate() {
      for (const chore of chores.values()) chore.rotate();
    },
    async stop() {
      // Settled, as nobody waits for it while services are stopped, and one that cannot be ended must not end the supervisor.
      await Promise.allSettled([...chores.keys()].map(forget));
    },
    async release() {
      await Promise.all([...chores.values()].map((chore) => chore.release()));
    },
  };
}
