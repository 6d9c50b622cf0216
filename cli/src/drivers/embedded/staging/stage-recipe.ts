import type { StageId } from "../../../services/service-def.ts";
import type { CacheEntry } from "./cache-entry.ts";

export interface StageContext {
  /** Root of the checkout, absolute. */
  readonly checkout: string;
  /** True when services run as another user than the one who runs elk-os. */
  readonly hasServiceUser: boolean;
  /** The machine that it is staged for, where that is none of this kind; left out: this one. */
  readonly target?: StageTarget;
}

/** A machine of another architecture, with Linux and glibc as here. */
export interface StageTarget {
  /** Node's name of it. */
  readonly architecture: string;
  /** Folder whose node_modules is what npm installs there of the checkout's lock. */
  readonly packages: string;
  /** The portal as it was built here: what of it is of this machine is exchanged. */
  readonly portal: string;
}

export interface StageRecipe {
  readonly id: StageId;
  readonly title: string;
  /** The entry that fits the checkout as it is now; reads files, writes nothing. */
  readonly entry: (context: StageContext) => CacheEntry;
}
