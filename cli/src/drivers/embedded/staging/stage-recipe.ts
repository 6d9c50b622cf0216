import type { StageId } from "../../../services/service-def.ts";
import type { CacheEntry } from "./cache-entry.ts";

export interface StageContext {
  /** Root of the checkout, absolute. */
  readonly checkout: string;
  /** True when services run as another user than the one who runs elk-os. */
  readonly hasServiceUser: boolean;
}

export interface StageRecipe {
  readonly id: StageId;
  readonly title: string;
  /** The entry that fits the checkout as it is now; reads files, writes nothing. */
  readonly entry: (context: StageContext) => CacheEntry;
}
