/**
 * Remembers what one look at the machine found, so that twenty checks do not ask Postgres or /proc the same thing.
 * `refresh` forgets it all: after a step's work nothing seen before is believed.
 */
export class Facts {
  readonly #found = new Map<string, Promise<unknown>>();

  once<T>(key: string, look: () => Promise<T>): Promise<T> {
    const known = this.#found.get(key);
    // The key names the look, so what is stored under it has that look's type.
    if (known !== undefined) return known as Promise<T>;
    const found = look();
    this.#found.set(key, found);
    return found;
  }

  refresh(): void {
    this.#found.clear();
  }
}
