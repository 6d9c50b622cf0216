import type { AppParts } from "./app.ts";
import type { LibraryState } from "./library-state.ts";
import { type OutsideSourceStatus, reasonsOf } from "./outside-source.ts";
import type { WaitingCounts } from "./waiting/waiting-writes.ts";

/** What is true of the whole service now. */
export interface HealthReport {
  readonly state: LibraryState;
  readonly sources: readonly OutsideSourceStatus[];
  readonly writes: WaitingCounts | null;
  /**
   * Named degradations of the library, of every outside source and of what was accepted and is in no file (`writes_waiting`, `writes_refused`); empty means
   * healthy.
   */
  readonly reasons: readonly string[];
}

/** Looks at the disk and asks every source; nothing is remembered from an earlier look. */
export async function reportHealth({
  library,
  sources = [],
  waiting = null,
}: Pick<AppParts, "library" | "sources" | "waiting">): Promise<HealthReport> {
  const state = await library.state();
  const writes = (await waiting?.counts()) ?? null;
  const asked = sources.map((source) => source.status());
  return { state, sources: asked, writes, reasons: [...state.reasons, ...reasonsOf(asked), ...writeReasons(writes)] };
}

function writeReasons(writes: WaitingCounts | null): readonly string[] {
  return [
    ...((writes?.waiting ?? 0) > 0 ? ["writes_waiting"] : []),
    ...((writes?.refused ?? 0) > 0 ? ["writes_refused"] : []),
  ];
}
