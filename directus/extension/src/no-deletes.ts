import type { Hook } from "./directus-api.ts";
import { refusalOf } from "./muster-refusal.ts";

/** Every board collection, present and future. */
const BOARD_PREFIX = "os_";

/** Refuses every delete on the board with a sentence; the database's grants refuse it anyway, as a bare 500. */
export const noDeletes: Hook = ({ filter }) => {
  filter("items.delete", (keys, { collection }) => {
    if (typeof collection === "string" && collection.startsWith(BOARD_PREFIX))
      throw refusalOf("MUSTER_DELETE_FORBIDDEN");
    return keys;
  });
};
