import { COLLECTIONS, type Collection, isFileCollection } from "../corpus/document.ts";
import type { Hit } from "../engine/hit.ts";
import type { SearchRequest } from "../engine/search.ts";
import { RagError } from "../errors.ts";
import type { Answer, Library } from "../library.ts";
import type { OutsideSource } from "../outside-source.ts";

/** What is asked: the index, and the sources that say whether what the index holds of them may be shown. */
export interface Readable {
  readonly library: Library;
  readonly sources?: readonly OutsideSource[];
}

export interface Found extends Answer {
  /** Collections that cannot be asked now; nothing of them is among the hits. */
  readonly notSearched: readonly Collection[];
}

/**
 * Searches, and asks each source about its own hits before they are shown: what was taken in may have become private since. What may not be
 * seen has no part in the answer, not even in the ranking; a source that cannot be asked is left out and named.
 * @throws RagError MUSTER_RAG_INDEX_MISSING
 */
export async function findPassages({ library, sources = [] }: Readable, request: SearchRequest): Promise<Found> {
  const states = sources.map((one) => one.status());
  const away = new Set(states.flatMap(({ name, reachable }) => (reachable ? [] : name)));
  // What an earlier start took in from a source that this one does not ask.
  const unasked = COLLECTIONS.filter((one) => !isFileCollection(one) && !states.some(({ name }) => name === one));
  const paths = new Set<string>();
  for (;;) {
    const collections = new Set([...away, ...unasked]);
    const answer = await library.search({ ...request, except: { collections, paths } });
    if (answer === null) throw new RagError("MUSTER_RAG_INDEX_MISSING", "No index has been built yet.");
    if (!(await excludeHidden(sources, answer.hits, away, paths))) return { ...answer, notSearched: [...away] };
  }
}

/** Notes what may not be shown; false when all may. */
async function excludeHidden(
  sources: readonly OutsideSource[],
  hits: readonly Hit[],
  away: Set<Collection>,
  paths: Set<string>,
): Promise<boolean> {
  let found = false;
  for (const source of sources) {
    const { name } = source.status();
    const asked = hits.filter((hit) => hit.collection === name).map((hit) => hit.path);
    if (asked.length === 0) continue;
    const seen = await source.visible(asked);
    const hidden = asked.filter((path) => seen?.has(path) !== true);
    if (seen === null) away.add(name);
    for (const path of hidden) paths.add(path);
    if (hidden.length > 0) found = true;
  }
  return found;
}
