/** The log of the board, a page at a time. */
import { z } from "zod";
import { type InstanceTotals, readInstance } from "./instance.ts";
import { EventRow } from "./now.ts";
import { readSnapshot } from "./snapshot.ts";

const LogRow = EventRow.extend({ hash: z.string().nullable(), version: z.int() });
export type LogLine = z.infer<typeof LogRow>;

export const EVENT_FACETS = ["entity", "kind", "actor"] as const;
export type EventFacet = (typeof EVENT_FACETS)[number];
const FacetRow = z.object({ facet: z.enum(EVENT_FACETS), value: z.string(), events: z.int() });
export type EventFacetValue = z.infer<typeof FacetRow>;

export interface EventFilter {
  readonly facets: Readonly<Record<EventFacet, string | null>>;
  readonly task: number | null;
  /** Only events before this id; null: from the newest. */
  readonly before: number | null;
}

export interface LogFacts {
  readonly instance: InstanceTotals;
  readonly events: readonly LogLine[];
  readonly hasMore: boolean;
  readonly facets: readonly EventFacetValue[];
}

const PAGE = 100;

export function readLog({ facets: { entity, kind, actor }, task, before }: EventFilter): Promise<LogFacts> {
  return readSnapshot(async (snapshot) => {
    const instance = await readInstance(snapshot);
    const events = await snapshot.list("event.list-page", LogRow, [entity, kind, actor, task, before, PAGE + 1]);
    return {
      instance,
      events: events.slice(0, PAGE),
      hasMore: events.length > PAGE,
      facets: await snapshot.list("event.list-facets", FacetRow),
    };
  });
}
