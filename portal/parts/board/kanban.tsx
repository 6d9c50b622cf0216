import type { ReactNode } from "react";
import { type BoardFilter, type DoneTask, type OpenTask, sortByRisk } from "../../data/board.ts";
import type { Status, StatusCounts } from "../../data/groups.ts";
import { columnPath } from "../../view/filters.ts";
import type { Link } from "../../view/links.ts";
import { formatCount } from "../../view/numbers.ts";
import { type StateLook, taskLook } from "../../view/states.ts";
import { Glyph } from "../glyph.tsx";
import { More } from "../more.tsx";
import { Card } from "./card.tsx";
import { DoneRow, TriageRow } from "./rows.tsx";

export interface KanbanProps {
  readonly counts: StatusCounts;
  readonly filter: BoardFilter;
  readonly open: readonly OpenTask[];
  readonly done: readonly DoneTask[];
  readonly now: Date;
  readonly to: Link;
}

const HEADS: Readonly<Record<Exclude<Status, "cancelled">, { readonly id: string; readonly word: string }>> = {
  in_progress: { id: "progress", word: "In progress" },
  blocked: { id: "blocked", word: "Blocked" },
  in_review: { id: "review", word: "In review" },
  ready: { id: "ready", word: "Ready" },
  triage: { id: "triage", word: "Triage" },
  done: { id: "done", word: "Done" },
};

export function Kanban({ counts, filter, open, done, now, to }: KanbanProps) {
  const of = (status: Status) => open.filter((task) => task.status === status);
  const cards = (tasks: readonly OpenTask[]) =>
    tasks.map((task) => (
      <li key={task.number}>
        <Card task={task} now={now} to={to} />
      </li>
    ));
  const more = (status: Status) => (
    <More count={counts[status] - of(status).length} href={to(columnPath(filter, status))} />
  );
  return (
    <>
      <nav className="jump" aria-label="Columns">
        {(["in_progress", "blocked", "in_review", "ready", "triage", "done"] as const).map((status) => (
          <a key={status} href={`#${HEADS[status].id}`}>
            {HEADS[status].word} <span className="m">{formatCount(counts[status])}</span>
          </a>
        ))}
      </nav>
      <div className="kan">
        <div className="col c-ready">
          <Column status="ready" count={counts.ready}>
            {cards(of("ready"))}
          </Column>
          {more("ready")}
          <Column status="triage" count={counts.triage} isLite>
            {of("triage").map((task) => (
              <TriageRow key={task.number} task={task} to={to} />
            ))}
          </Column>
          {more("triage")}
        </div>
        <div className="col c-progress">
          <Column status="in_progress" count={counts.in_progress} order="sorted by risk">
            {cards(sortByRisk(of("in_progress")))}
          </Column>
          {more("in_progress")}
        </div>
        <div className="col c-review">
          <Column status="in_review" count={counts.in_review}>
            {cards(sortByRisk(of("in_review")))}
          </Column>
          {more("in_review")}
        </div>
        <div className="col c-blocked">
          <Column status="blocked" count={counts.blocked}>
            {cards(of("blocked"))}
          </Column>
          {more("blocked")}
        </div>
        <div className="col c-done">
          <Column status="done" count={counts.done} isLite>
            {done.map((task) => (
              <DoneRow key={task.number} task={task} now={now} to={to} />
            ))}
          </Column>
          <More count={counts.done - done.length} word="older" href={to(columnPath(filter, "done"))} />
        </div>
      </div>
    </>
  );
}

interface ColumnProps {
  readonly status: keyof typeof HEADS;
  readonly count: number;
  /** Said beside the title when the order is not the usual one. */
  readonly order?: string;
  /** Rows on rules instead of cards. */
  readonly isLite?: boolean;
  readonly children: ReactNode;
}

function Column({ status, count, order, isLite = false, children }: ColumnProps) {
  const { id, word } = HEADS[status];
  const look: StateLook = taskLook(status);
  return (
    <section aria-labelledby={id}>
      <header className={`col-h tone-${look.tone}`}>
        <Glyph name={look.glyph} />
        <h2 id={id}>{word}</h2>
        <span className="m">{formatCount(count)}</span>
        {order !== undefined && <span className="col-s soft">{order}</span>}
      </header>
      {count === 0 ? <p className="hint none">None.</p> : <ul className={isLite ? "lite" : "cards"}>{children}</ul>}
    </section>
  );
}
