import type { Metadata } from "next";
import { type LogLine, readLog } from "../../data/events.ts";
import { serveView } from "../../data/serve.ts";
import { pageContext } from "../../page-context.ts";
import { Empty } from "../../parts/entry.tsx";
import { FacetMenu } from "../../parts/facet-menu.tsx";
import { Frame } from "../../parts/frame.tsx";
import { State } from "../../parts/glyph.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Outage } from "../../parts/outage.tsx";
import { WideTitle } from "../../parts/title.tsx";
import { EVENT_FACETS, eventPath, eventsPath, isFilteredLog, parseEventFilter } from "../../view/event-filter.ts";
import { eventWords } from "../../view/event-line.ts";
import type { Link } from "../../view/links.ts";
import { formatCount, shortHash } from "../../view/numbers.ts";
import type { Query } from "../../view/query.ts";

export const metadata: Metadata = { title: "Events" };

export default async function Page({ searchParams }: { readonly searchParams: Promise<Query> }) {
  const context = await pageContext();
  const filter = parseEventFilter(await searchParams);
  const served = await serveView(() => readLog(filter));
  if ("problem" in served) return <Outage context={context} problem={served.problem} />;
  const { instance, events, hasMore, matching, all, facets } = served.facts;
  const { to } = context;
  const last = events.at(-1);
  const isFiltered = isFilteredLog(filter);
  return (
    <Frame context={context} current="timeline" instance={instance} path={eventsPath(filter)} shape="wide">
      <WideTitle context={context} nav="timeline" current="events" title="Events">
        <div className="facets">
          {EVENT_FACETS.map((facet) => (
            <FacetMenu
              key={facet}
              word={facet}
              chosen={filter.facets[facet]}
              choices={facets
                .filter((value) => value.facet === facet)
                .map(({ value, events: count }) => ({ value, count }))}
              href={(value) =>
                to(eventsPath({ ...filter, facets: { ...filter.facets, [facet]: value }, before: null }))
              }
            />
          ))}
          {isFiltered && (
            <a className="btn" href={to("/events")}>
              Clear
            </a>
          )}
        </div>
        <p className="showing soft">
          Showing <span className="m">{formatCount(events.length)}</span> of{" "}
          <span className="m">{formatCount(matching)}</span>
          {isFiltered && (
            <>
              , out of <span className="m">{formatCount(all)}</span>
            </>
          )}
          {filter.task !== null && (
            <>
              {" "}
              for task <span className="m">#{filter.task}</span>
            </>
          )}
          . <a href={eventsPath({ ...filter, before: null }, "/events/feed.xml")}>Feed</a>
        </p>
      </WideTitle>
      {events.length === 0 ? (
        <Empty
          fact={isFiltered ? "No event matches these filters." : "Nothing has happened yet."}
          next={isFiltered ? <a href={to("/events")}>Clear the filters</a> : undefined}
        />
      ) : (
        <ol className="tail log">
          {events.map((event) => (
            <Line key={event.id} event={event} now={instance.server_now} to={to} />
          ))}
        </ol>
      )}
      <nav className="pager" aria-label="Pages">
        {filter.before !== null && (
          <a className="btn" href={to(eventsPath({ ...filter, before: null }))}>
            Newest
          </a>
        )}
        {hasMore && last !== undefined && (
          <a className="btn" rel="next" href={to(eventsPath({ ...filter, before: last.id }))}>
            Older
          </a>
        )}
      </nav>
    </Frame>
  );
}

function Line({ event, now, to }: { readonly event: LogLine; readonly now: Date; readonly to: Link }) {
  const { look, text } = eventWords(event);
  return (
    <li id={`e${event.id}`}>
      <a className="m e-seq" href={to(eventPath(event.id))}>
        <span className="only-sr">Event </span>
        {formatCount(event.id)}
      </a>
      <Moment at={event.at} now={now} />
      <span className="e-kind">
        <State look={look} />
      </span>
      <span className="m e-who">{event.actor_name ?? "board"}</span>
      {event.task === null ? (
        <span />
      ) : (
        <a className="tid" href={to(`/tasks/${event.task}`)}>
          #{event.task}
        </a>
      )}
      <span className="e-x">
        {text}
        {event.from_status !== null && event.to_status !== null && event.from_status !== event.to_status && (
          <span className="m soft">
            {" "}
            {event.from_status} → {event.to_status}
          </span>
        )}
      </span>
      <span className="m soft e-hash" title={event.hash ?? undefined}>
        {shortHash(event.hash)}
      </span>
    </li>
  );
}
