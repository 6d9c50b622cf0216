/** Reads what an answer of a verb says of its task. */
import { z } from "zod";
import type { Told } from "./recorder.ts";

const state = z.looseObject({ id: z.string(), version: z.int(), claim_epoch: z.int() });
const answers = z.union([
  z.looseObject({ claimed: z.literal(true), task: state }).transform(({ task }) => task),
  z
    .looseObject({ submitted: z.looseObject({}), next: z.looseObject({ claimed: z.literal(true), task: state }) })
    .transform(({ next }) => next.task),
  z.looseObject({ result: z.enum(["applied", "duplicate"]), answer: state }).transform(({ answer }) => answer),
  state,
]);

/** A grant, a state, an advance (of which it is the grant), or an operation that was replayed. Other answers tell nothing of a task. */
export function readAnswer(answer: unknown): Told {
  const said = answers.safeParse(answer);
  const text = JSON.stringify(withoutResult(answer));
  if (!said.success) return { task: null, version: null, epoch: null, answer: text };
  const { id, version, claim_epoch: epoch } = said.data;
  return { task: id, version, epoch, answer: text };
}

/** A repetition differs from the first time in its result alone; an operation sent directly first has its answer there. */
function withoutResult(answer: unknown): unknown {
  const replayed = z.looseObject({ result: z.string(), answer: z.unknown().optional() }).safeParse(answer).data;
  if (replayed === undefined) return answer;
  const { result: _, ...rest } = replayed;
  return rest.answer ?? rest;
}
