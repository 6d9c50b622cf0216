/** The stream's messages as a page receives them. They come from our own server; what is not as expected is dropped. */
import type { LeaseBeat } from "../../view/live-ember.ts";
import type { StreamFacts } from "./phase.ts";

export interface BoardWords {
  readonly state: StreamFacts["board"];
  readonly pid?: number | null;
  readonly since?: number;
}

export interface Hello {
  /** Of the portal that answers: a page of another one goes on with scripts and styles that no longer fit. */
  readonly build?: string;
  readonly now: number | null;
  readonly cursor: string | null;
  readonly hasView: boolean;
  /** It has no view because too many others are watched: there may be room later. */
  readonly lacksRoom: boolean;
  readonly state: BoardWords;
  readonly leases: readonly LeaseBeat[];
}

export interface PulseWords {
  readonly now: number;
  readonly leases: readonly LeaseBeat[];
  /** Tasks whose lease is no more; "others": all that `leases` does not name. */
  readonly gone: readonly number[] | "others";
}

export interface ViewWords {
  /** When its rows were read: an ISO instant. */
  readonly stamp: string;
  readonly title: string;
  readonly regions: Readonly<Record<string, string>>;
}

export interface EventWords {
  readonly id: number;
}

/** The board's clock in ms, beside every answer of `/api/changes`, 304 included. */
export const NOW_HEADER = "x-muster-now";

/** What `/api/changes` answers: the same messages in one. */
export interface ChangesAnswer extends Hello {
  readonly events: readonly EventWords[] | null;
  readonly view: ViewWords | null;
}
