import { toMusterError } from "@muster/board/errors";
import type { Answer } from "../law.ts";
import { MusterRefusal } from "../muster-refusal.ts";
import type { Desk } from "./verb.ts";

/**
 * Runs `act`; when the law answers that the claim is no longer the live one, keeps what was sent as a note on the task, so that no work is
 * lost, and refuses with the note's id. @throws what `act` throws otherwise
 */
export async function orKeep(
  desk: Desk,
  claim: { readonly task: string; readonly fence: number },
  payload: Answer,
  act: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await act();
  } catch (error) {
    const refused = toMusterError(error);
    if (refused.code !== "MUSTER_FENCED") throw error;
    const kept = await desk.law("keep_late", { ...claim, payload }).catch(() => null);
    // Who never held that epoch has no late work: the refusal stays as it is.
    if (kept === null) throw error;
    throw new MusterRefusal(
      {
        ...refused,
        message: `${refused.message} What you sent is kept as a note on the task.`,
        extensions: { ...refused.extensions, kept: kept["note"] },
      },
      { cause: error },
    );
  }
}
