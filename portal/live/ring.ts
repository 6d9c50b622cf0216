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
  /** The place after which everything is here. */
  #floor: Place;

  constructor(floor: Place, capacity: number) {
    this.#floor = floor;
    this.#capacity = capacity;
  }

  get floor(): Place {
    return this.#floor;
  }

  get head(): Place {
    return this.#events.at(-1)?.place ?? this.#floor;
  }

  get size(): number {
    return this.#events.length;
  }

  /** Adds events in order behind the head; the oldest ones make room. */
  push(events: readonly StoredEvent[]): void {
    this.#events.push(...events);
    const surplus = this.#events.length - this.#capacity;
    if (surplus <= 0) return;
    const dropped = this.#events[surplus - 1];
    if (dropped !== undefined) this.#floor = dropped.place;
    this.#events = this.#events.slice(surplus);
  }

  /** Adds older events, which end at the floor, and lowers the floor to `from`. What exceeds the capacity is not taken. */
  prepend(from: Place, events: readonly StoredEvent[]): void {
    if (this.#events.length + events.length > this.#capacity) return;
    this.#events = [...events, ...this.#events];
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
