/** The newest events, formatted once, so that any number of readers resume without a question to the database. */
import { comparePlaces, type Place } from "./cursor.ts";

export interface StoredEvent {
  readonly place: Place;
  /** The event as JSON; null for one that readers may not see: it only moves the place on. */
  readonly json: string | null;
}

/** `too_old`: events between the asked place and the oldest one kept are not here. `unknown`: of another incarnation, or ahead of us. */
export type RingAnswer =
  | { readonly found: readonly StoredEvent[] }
  | { readonly missing: "too_old" | "unknown"; readonly floor: Place };

export class EventRing {
  readonly #capacity: number;
  #events: StoredEvent[] = [];
  /** The place after which everything that may be seen is here. */
  #floor: Place;
  #head: Place;
  #told: Place;

  constructor(floor: Place, capacity: number) {
    this.#floor = floor;
    this.#head = floor;
    this.#told = floor;
    this.#capacity = capacity;
  }

  get floor(): Place {
    return this.#floor;
  }

  /** The newest event read, seen or not: from here it is read on. */
  get head(): Place {
    return this.#head;
  }

  /** The newest event that readers may see; until there is one, where the ring began. What may not be seen does not move it. */
  get told(): Place {
    return this.#told;
  }

  get size(): number {
    return this.#events.length;
  }

  /** Adds events in order behind the head; the oldest ones make room. What may not be seen is not kept. */
  push(events: readonly StoredEvent[]): void {
    this.#head = events.at(-1)?.place ?? this.#head;
    this.#events.push(...events.filter(isSeen));
    this.#told = this.#events.at(-1)?.place ?? this.#told;
    const surplus = this.#events.length - this.#capacity;
    if (surplus <= 0) return;
    const dropped = this.#events[surplus - 1];
    if (dropped !== undefined) this.#floor = dropped.place;
    this.#events = this.#events.slice(surplus);
  }

  /** Adds older events, which end at the floor, and lowers the floor to `from`. What exceeds the capacity is not taken. */
  prepend(from: Place, events: readonly StoredEvent[]): void {
    const seen = events.filter(isSeen);
    if (this.#events.length + seen.length > this.#capacity) return;
    this.#events = [...seen, ...this.#events];
    this.#floor = from;
  }

  after(place: Place): RingAnswer {
    const { head } = this;
    if (place.incarnation !== head.incarnation || comparePlaces(place, head) > 0) {
      return { missing: "unknown", floor: this.#floor };
    }
    if (comparePlaces(place, this.#floor) < 0) return { missing: "too_old", floor: this.#floor };
    return { found: this.#events.slice(this.#firstAfter(place)) };
  }

  #firstAfter(place: Place): number {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const event = this.#events[middle];
      if (event !== undefined && comparePlaces(event.place, place) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function isSeen({ json }: StoredEvent): boolean {
  return json !== null;
}
