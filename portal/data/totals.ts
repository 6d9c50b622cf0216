/** Pages whose own facts come from elsewhere still say how the board stands. */
import { type InstanceTotals, readInstance } from "./instance.ts";
import { readSnapshot } from "./snapshot.ts";

export function readTotals(): Promise<InstanceTotals> {
  return readSnapshot(readInstance);
}
