/** What a replay's bar needs to go on: the way back to the start, and the events just before and after the shown instant. */
import { z } from "zod";
import { readSnapshot } from "./snapshot.ts";

const StepsRow = z.object({
  first_at: z.date().nullable(),
  before: z.string().nullable(),
  after: z.string().nullable(),
  now: z.date(),
});
export type ReplaySteps = z.infer<typeof StepsRow>;

/** Asks the board as it is now. @param lastPlace "xid:id" of the newest event that the page shows; null for none */
export function readReplaySteps(lastPlace: string | null): Promise<ReplaySteps> {
  return readSnapshot(async (snapshot) => {
    const row = await snapshot.find("replay.list-steps", StepsRow, (lastPlace ?? "0:0").split(":"));
    if (row === null) throw new Error("The board told no steps.");
    return row;
  }, null);
}
