import type { Candidate } from "../engine/hit.ts";
import { type Passage, textOf } from "../engine/passage.ts";
import type { Exactness } from "./exact-match.ts";

/** A passage with a rare name of the question is lifted to at least this place. */
const EXACT_SLOT = 3;
const WHOLE: Exactness = 2;
/** The whole question is looked for in this many of the best candidates, and in those with a rare name: reading all would cost more than ranking them. */
const READ_FOR_PHRASE = 40;

/** By score; then a passage that holds the whole question comes first, and one with a rare name of it not below the third place. */
export function orderCandidates(
  candidates: readonly Candidate[],
  isPhraseIn: ((text: string) => boolean) | null,
): readonly Candidate[] {
  const sorted = [...candidates].sort(byScore);
  const judged =
    isPhraseIn === null
      ? sorted
      : sorted.map((one, index) =>
          (index < READ_FOR_PHRASE || one.exactness === 1) && isPhraseIn(textOf(one.passage))
            ? { ...one, exactness: WHOLE }
            : one,
        );
  if (judged.every(({ exactness }) => exactness === 0)) return judged;
  const whole = judged.filter(({ exactness }) => exactness === WHOLE);
  const rest = judged.filter(({ exactness }) => exactness !== WHOLE);
  const room = Math.max(0, EXACT_SLOT - whole.length);
  const named = rest.filter(({ exactness }) => exactness === 1).slice(0, room);
  const others = rest.filter((one) => !named.includes(one)).slice(0, room - named.length);
  const head = [...named, ...others].sort(byScore);
  return [...whole, ...head, ...rest.filter((one) => !head.includes(one))];
}

function byScore(a: Candidate, b: Candidate): number {
  return b.score - a.score || comparePlaces(a.passage, b.passage);
}

/** Equal scores stand in the order of their citations, whatever order the documents came in. */
function comparePlaces(a: Passage, b: Passage): number {
  const [left, right] = [a.document.source.path, b.document.source.path];
  return left === right ? a.lineStart - b.lineStart : left < right ? -1 : 1;
}
