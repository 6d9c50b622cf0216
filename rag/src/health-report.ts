import type { AppParts } from "./app.ts";
import type { LibraryState } from "./library-state.ts";
import { type OutsideSourceStatus, reasonsOf } from "./outside-source.ts";

/** What is true of the whole service now. */
export interface HealthReport {
  readonly state: LibraryState;
  readonly sources: readonly OutsideSourceStatus[];
  /** Named degradations of the library and of every outside source; empty means healthy. */
  readonly reasons: readonly string[];
}

/** Looks at the disk and asks every source; nothing is remembered from an earlier look. */
export async function reportHealth({
  library,
  sources = [],
}: Pick<AppParts, "library" | "sources">): Promise<HealthReport> {
  const state = await library.state();
  const asked = sources.map((source) => source.status());
  return { state, sources: asked, reasons: [...state.reasons, ...reasonsOf(asked)] };
}
