/** The log of the board, a page at a time. */
import { z } from "zod";
import { EVENT_FACETS, type EventFilter } from "../view/event-filter.ts";
import { type InstanceTotals, readInstance } from "./instance.ts";
import { EventRow } from "./now.ts";
import { BigCount, readSnapshot } from "./snapshot.ts";

const LogRow = EventRow.extend({ hash: z.string().nullable(), version: z.int() });
export type LogLine = z.infer<typeof LogRow>;

const FacetRow = z.object({ facet: z.enum(EVENT_FACETS), value: z.string(), events: z.int() });
export type EventFacetValue = z.infer<typeof FacetRow>;

export interface LogFacts {
  readonly instance: InstanceTotals;
  readonly events: readonly LogLine[];
  readonly hasMore: boolean;
  /** Under the filters, over all pages. */
  readonly matching: number;
  /** All that may be seen; those of private projects are in no count here. */
  readonly all: number;
  readonly facets: readonly EventFacetValue[];
}

const CountRow = z.object({ all_events: BigCount, matching: BigCount });
const PAGE = 100;

export function readLog({ facets: { entity, kind, actor }, task, before }: EventFilter): Promise<LogFacts> {
  return readSnapshot(async (snapshot) => {
    const instance = await readInstance(snapshot);
    const counts = await snapshot.find("event.count", CountRow, [entity, kind, actor, task]);
    const events = await snapshot.list("event.list-page", LogRow, [entity, kind, actor, task, before, PAGE + 1]);
    return {
      instance,
      events: events.slice(0, PAGE),
      hasMore: events.length > PAGE,
      matching: counts?.matching ?? 0,
      all: counts?.all_events ?? 0,
      facets: await snapshot.list("event.list-facets", FacetRow),
    };
  });
}
