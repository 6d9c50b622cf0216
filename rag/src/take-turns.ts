/** Documents that are read, cut or taken out before other work gets its turn: thousands of them must not hold up a search. */
export const DOCUMENTS_PER_TURN = 16;

/** Lets everything else that waits go first. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Works on one after the other, with a turn for everything else after each few. */
export async function inTurns<T>(all: Iterable<T>, work: (one: T) => void | Promise<void>): Promise<void> {
  let done = 0;
  for (const one of all) {
    await work(one);
    done += 1;
    if (done % DOCUMENTS_PER_TURN === 0) await nextTurn();
  }
}
