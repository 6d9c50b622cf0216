import type { TaskFacts, TaskNeighbour } from "../../data/task.ts";
import type { Link } from "../../view/links.ts";
import { taskLook } from "../../view/states.ts";
import { formatDuration } from "../../view/times.ts";
import { Commit } from "../commit.tsx";
import { type Fact, FactList } from "../facts.tsx";
import { State } from "../glyph.tsx";
import { Moment } from "../moment.tsx";

export interface TaskRailProps {
  readonly facts: TaskFacts;
  readonly now: Date;
  readonly to: Link;
}

/** The row itself, what it waits for, what waits for it, and its receipts. */
export function TaskRail({ facts: { task, neighbours, receipts }, now, to }: TaskRailProps) {
  const row: readonly Fact[] = [
    { name: "Status", value: task.status },
    { name: "Project", value: task.project_name },
    ...(task.phase === null ? [] : [{ name: "Phase", value: `${task.phase} ${task.phase_name ?? ""}` }]),
    { name: "Class", value: task.class },
    { name: "Priority", value: task.priority },
    { name: "Risk", value: task.risk },
    { name: "Attempt", value: `${Math.min(task.attempt + 1, task.max_attempts)} of ${task.max_attempts}` },
    { name: "Epoch", value: task.claim_epoch },
    { name: "Version", value: task.version },
    { name: "Lease", value: formatDuration(task.lease_seconds) },
    { name: "Created", value: <Moment at={task.created_at} now={now} /> },
    { name: "Changed", value: <Moment at={task.updated_at} now={now} /> },
    ...(task.origin === "live" ? [] : [{ name: "Origin", value: task.origin }]),
  ];
  const work: readonly Fact[] = [
    ...(task.submitted_commit === null
      ? []
      : [{ name: "Commit", value: <Commit commit={task.submitted_commit} repository={task.repository_url} /> }]),
    ...(task.required_capabilities.length === 0
      ? []
      : [{ name: "Needs", value: task.required_capabilities.join(" ") }]),
    ...(task.labels.length === 0 ? [] : [{ name: "Labels", value: task.labels.join(" ") }]),
    ...(task.paths.length === 0 ? [] : [{ name: "Paths", value: task.paths.join(" ") }]),
  ];
  return (
    <>
      <h2>Row</h2>
      <FactList facts={row} />
      <Neighbours title="Waits on" rows={neighbours.filter(({ side }) => side === "waits_on")} to={to} />
      <Neighbours title="Unblocks" rows={neighbours.filter(({ side }) => side === "unblocks")} to={to} />
      {receipts.length > 0 && (
        <>
          <h2>Receipts</h2>
          <ul className="nb">
            {receipts.map((receipt) => (
              <li key={receipt.number}>
                <a href={to(`/receipts/${receipt.number}`)}>
                  <span className="m">{receipt.ref}</span> {receipt.title}
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
      <h2>Elsewhere</h2>
      <ul className="nb">
        <li>
          <a href={to(`/events?task=${task.number}`)}>Its events</a>
        </li>
        <li>
          <a href={to(`/graph?focus=${task.number}`)}>The graph around it</a>
        </li>
      </ul>
      {work.length > 0 && (
        <>
          <h2>Work</h2>
          <FactList facts={work} />
        </>
      )}
    </>
  );
}

interface NeighboursProps {
  readonly title: string;
  readonly rows: readonly TaskNeighbour[];
  readonly to: Link;
}

function Neighbours({ title, rows, to }: NeighboursProps) {
  if (rows.length === 0) return null;
  return (
    <>
      <h2>{title}</h2>
      <ul className="nb">
        {rows.map(({ number, title: name, status }) => (
          <li key={number}>
            <State look={taskLook(status)} />{" "}
            <a href={to(`/tasks/${number}`)}>
              <span className="m">#{number}</span> {name}
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}
