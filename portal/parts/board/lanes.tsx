import { type BoardFilter, type OpenTask, sortByRisk } from "../../data/board.ts";
import type { Status, StatusCounts } from "../../data/groups.ts";
import { columnPath, type LaneKind } from "../../view/filters.ts";
import type { Link } from "../../view/links.ts";
import { plural } from "../../view/numbers.ts";
import { taskLook } from "../../view/states.ts";
import { Glyph } from "../glyph.tsx";
import { More } from "../more.tsx";
import { Card } from "./card.tsx";

export interface LanesProps {
  readonly kind: LaneKind;
  readonly counts: StatusCounts;
  readonly filter: BoardFilter;
  readonly open: readonly OpenTask[];
  readonly now: Date;
  readonly to: Link;
}

const COLUMNS: readonly { readonly statuses: readonly Status[]; readonly status: Status; readonly word: string }[] = [
  { status: "ready", statuses: ["ready", "triage"], word: "Ready" },
  { status: "in_progress", statuses: ["in_progress"], word: "In progress" },
  { status: "in_review", statuses: ["in_review"], word: "In review" },
  { status: "blocked", statuses: ["blocked"], word: "Blocked" },
];

const LANE_OF: Readonly<Record<LaneKind, (task: OpenTask) => string>> = {
  agent: ({ agent, author }) => agent ?? author ?? "nobody yet",
  phase: ({ phase }) => phase ?? "no phase",
  priority: ({ priority }) => priority,
};

/** Open tasks in lanes: each row an agent, a phase or a priority; the columns are those of the kanban. */
export function Lanes({ kind, counts, filter, open, now, to }: LanesProps) {
  const lanes = [...Map.groupBy(open, LANE_OF[kind]).entries()].sort(([a], [b]) => a.localeCompare(b));
  return (
    <div className="lanes">
      {COLUMNS.flatMap(({ statuses }) => statuses).map((status) => (
        <More
          key={status}
          count={counts[status] - open.filter((task) => task.status === status).length}
          word={`more: ${taskLook(status).word}`}
          href={to(columnPath(filter, status))}
        />
      ))}
      <div className="lane-heads" aria-hidden="true">
        {COLUMNS.map(({ status, word }) => {
          const look = taskLook(status);
          return (
            <p key={status} className={`col-h tone-${look.tone}`}>
              <Glyph name={look.glyph} />
              <b>{word}</b>
            </p>
          );
        })}
      </div>
      {lanes.map(([lane, tasks]) => (
        <section key={lane} className="lane" aria-labelledby={`lane-${lane}`}>
          <header>
            <h2 className="m" id={`lane-${lane}`}>
              {lane}
            </h2>
            <p className="sub">{plural(tasks.length, "open task")}</p>
          </header>
          {COLUMNS.map(({ status, statuses, word }) => {
            const cell = sortByRisk(tasks.filter((task) => statuses.includes(task.status)));
            return (
              <section key={status} className={cell.length === 0 ? "cell is-none" : "cell"}>
                <h3 className="cell-h">
                  {word} <span className="m">{cell.length}</span>
                </h3>
                <ul className="cards">
                  {cell.map((task) => (
                    <li key={task.number}>
                      <Card task={task} now={now} to={to} heading="h4" />
                    </li>
                  ))}
                </ul>
              </section>
            );
          })}
        </section>
      ))}
    </div>
  );
}
