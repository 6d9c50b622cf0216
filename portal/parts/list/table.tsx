import type { ListTask } from "../../data/list.ts";
import { type Link, receiptRef } from "../../view/links.ts";
import { blockLook, taskLook } from "../../view/states.ts";
import { ClaimState } from "../claim-state.tsx";
import { EmberPicture } from "../ember.tsx";
import { State } from "../glyph.tsx";
import { Tick } from "../tick.tsx";
import { Who } from "../who.tsx";

export interface TaskTableProps {
  readonly tasks: readonly ListTask[];
  readonly now: Date;
  readonly to: Link;
}

/** One row per task; on a phone each row becomes a record. */
export function TaskTable({ tasks, now, to }: TaskTableProps) {
  return (
    <div className="tw">
      <table className="ledger rows task-rows">
        <caption className="only-sr">Tasks</caption>
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Task</th>
            <th scope="col">Who</th>
            <th scope="col">Phase</th>
            <th scope="col">Class</th>
            <th scope="col">Prio</th>
            <th scope="col">Risk</th>
            <th scope="col" className="r">
              Unblocks
            </th>
            <th scope="col" className="r">
              Changed
            </th>
          </tr>
        </thead>
        <tbody>
          {tasks.map((task) => (
            <Row key={task.number} task={task} now={now} to={to} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ task, now, to }: { readonly task: ListTask; readonly now: Date; readonly to: Link }) {
  const { ember } = task;
  return (
    <tr>
      <td className="t-st">
        <State look={task.status === "blocked" ? blockLook(task.blocked_type) : taskLook(task.status)} />
      </td>
      <th scope="row" className="t-x">
        <a href={to(`/tasks/${task.number}`)}>
          <span className="tid">#{task.number}</span> <b>{task.title}</b>
        </a>
        {task.receipt !== null && " "}
        {task.receipt !== null && (
          <a className="m soft" href={to(`/receipts/${task.receipt}`)}>
            {receiptRef(task.receipt)}
          </a>
        )}
      </th>
      <td className="t-who">
        {ember === null ? (
          <span className="m soft">{task.author ?? "–"}</span>
        ) : (
          <span className="held">
            <EmberPicture ember={ember} size="s" />
            <span className="m">
              <Who name={task.agent} family={null} />
            </span>
            <ClaimState ember={ember} />
          </span>
        )}
      </td>
      <td className="m">{task.phase ?? "–"}</td>
      <td>{task.class}</td>
      <td className="m">{task.priority.toLowerCase()}</td>
      <td>{task.risk}</td>
      <td className="m r">{task.dependents === 0 ? "–" : task.dependents}</td>
      <td className="m r soft" title={task.updated_at.toISOString()}>
        <Tick since={task.updated_at} now={now} short />
      </td>
    </tr>
  );
}
