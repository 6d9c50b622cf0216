import type { Collection } from "./corpus/document.ts";

/** How a source that is no folder stands, such as the board's rows. */
export interface OutsideSourceStatus {
  readonly name: Collection;
  /** False when the last attempt to read it failed. */
  readonly reachable: boolean;
  /** How far what is indexed lies behind it; null before the first read. */
  readonly cursorLagMs: number | null;
  /** How many of its documents are indexed. */
  readonly documents: number;
}

/** A source that keeps itself in step and is asked how it stands, for each answer of health. */
export interface OutsideSource {
  status(): OutsideSourceStatus;
  /** Which of these documents may be shown now; null: it cannot be asked, so none may. Never throws. */
  visible(paths: readonly string[]): Promise<ReadonlySet<string> | null>;
}

/** 60 s: as long as a passage may wait for its vector before health says so. */
const LONGEST_LAG_MS = 60_000;

/** `board_unreachable`: it cannot be read. `board_behind`: it has not been read yet, or what is indexed of it is more than a minute old. Pure. */
export function reasonsOf(sources: readonly OutsideSourceStatus[]): readonly string[] {
  return sources.flatMap(({ name, reachable, cursorLagMs }) => {
    if (!reachable) return [`${name}_unreachable`];
    return cursorLagMs === null || cursorLagMs > LONGEST_LAG_MS ? [`${name}_behind`] : [];
  });
}
