/** Which events are shown, as the address of a log or of its feed says it. */
import { type Query, readCount, readText, withQuery } from "./query.ts";

export const EVENT_FACETS = ["entity", "kind", "actor"] as const;
type EventFacet = (typeof EVENT_FACETS)[number];

export interface EventFilter {
  readonly facets: Readonly<Record<EventFacet, string | null>>;
  readonly task: number | null;
  /** Only events before this id; null: from the newest. */
  readonly before: number | null;
}

export function parseEventFilter(query: Query): EventFilter {
  return {
    facets: { entity: readText(query, "entity"), kind: readText(query, "kind"), actor: readText(query, "actor") },
    task: readCount(query, "task"),
    before: readCount(query, "before", Number.MAX_SAFE_INTEGER),
  };
}

/** @param path "/events", or a feed of the same events */
export function eventsPath({ facets, task, before }: EventFilter, path = "/events"): string {
  return withQuery(path, { ...facets, task, before });
}

/** Where an event can be found for good, however many follow it. */
export function eventPath(id: number): string {
  return `/events?before=${id + 1}#e${id}`;
}

export function isFilteredLog({ facets, task }: EventFilter): boolean {
  return task !== null || EVENT_FACETS.some((facet) => facets[facet] !== null);
}

/** The filters in force, as a reader would name them: `kind claimed, task #65`. */
export function namedEvents({ facets, task }: EventFilter): string {
  const named = EVENT_FACETS.flatMap((facet) => (facets[facet] === null ? [] : [`${facet} ${facets[facet]}`]));
  return [...named, ...(task === null ? [] : [`task #${task}`])].join(", ");
}
