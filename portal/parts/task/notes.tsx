import { NOTE_PAGE, type Note } from "../../data/task.ts";
import { noteAnchor } from "../../view/anchors.ts";
import { formatCount } from "../../view/numbers.ts";
import { Empty, Entry } from "../entry.tsx";
import { Moment } from "../moment.tsx";
import { Pager } from "../pager.tsx";

export interface NotesEntryProps {
  readonly notes: readonly Note[];
  /** Of the task, on all pages. */
  readonly total: number;
  /** From 1. */
  readonly page: number;
  readonly href: (page: number) => string;
  readonly now: Date;
}

/** Notes as they were written: plain text, whatever markup they hold. */
export function NotesEntry({ notes, total, page, href, now }: NotesEntryProps) {
  const shown = total > notes.length ? `${formatCount(notes.length)} of ${formatCount(total)}` : formatCount(total);
  return (
    <Entry
      title="Notes"
      id="notes"
      note={total === 0 ? "none" : shown}
      hint={notes.length > 1 ? "Newest first." : undefined}
    >
      {notes.length === 0 ? (
        <Empty
          fact={total === 0 ? "No note." : "This page is past the end."}
          next={total === 0 ? undefined : <a href={href(1)}>Newest notes</a>}
        />
      ) : (
        <ol className="notes">
          {notes.map((note) => (
            <li key={note.id} id={noteAnchor(note.id)}>
              <a className="m" href={`#${noteAnchor(note.id)}`}>
                <Moment at={note.created_at} now={now} />
              </a>
              <span className="m">{note.agent ?? "steward"}</span>
              <span className="soft n-kind">{note.kind}</span>
              <p className="prose">{note.body}</p>
            </li>
          ))}
        </ol>
      )}
      <Pager page={page} pages={Math.ceil(total / NOTE_PAGE)} href={href} />
    </Entry>
  );
}
