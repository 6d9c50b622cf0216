import type { EventLine } from "../../data/now.ts";
import { eventWords } from "../../view/event-line.ts";
import type { Link } from "../../view/links.ts";
import { formatCount } from "../../view/numbers.ts";
import { Empty, Entry } from "../entry.tsx";
import { State } from "../glyph.tsx";
import { Moment } from "../moment.tsx";

export interface EventsEntryProps {
  readonly events: readonly EventLine[];
  readonly total: number;
  readonly now: Date;
  readonly to: Link;
}

/** The end of the log. */
export function EventsEntry({ events, total, now, to }: EventsEntryProps) {
  return (
    <Entry title="Events" id="events" note={`${formatCount(total)} in all`} hint="Newest first.">
      {events.length === 0 ? (
        <Empty fact="Nothing has happened yet." />
      ) : (
        <ol className="tail">
          {events.map((event) => (
            <Line key={event.id} event={event} now={now} to={to} />
          ))}
        </ol>
      )}
    </Entry>
  );
}

function Line({ event, now, to }: { readonly event: EventLine; readonly now: Date; readonly to: Link }) {
  const { look, text } = eventWords(event);
  return (
    <li>
      <span className="m e-seq">{formatCount(event.id)}</span>
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
      <span className="e-x">{text}</span>
    </li>
  );
}
