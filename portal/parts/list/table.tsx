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
        <Holder task={task} />
      </td>
      <td className="m">{task.phase ?? <Nothing />}</td>
      <td>{task.class}</td>
      <td className="m">{task.priority.toLowerCase()}</td>
      <td>{task.risk}</td>
      <td className="m r">
        {task.dependents === 0 ? (
          <Nothing />
        ) : (
          <>
            <span className="only-s">unblocks </span>
            {task.dependents}
          </>
        )}
      </td>
      <td className="m r soft" title={task.updated_at.toISOString()}>
        <Tick since={task.updated_at} now={now} short />
      </td>
    </tr>
  );
}

/** Who holds the task now, else who did it. */
function Holder({ task: { ember, agent, author } }: { readonly task: ListTask }) {
  if (ember === null) return author === null ? <Nothing /> : <span className="m soft">{author}</span>;
  return (
    <span className="held">
      <EmberPicture ember={ember} size="s" />
      <span className="m">
        <Who name={agent} family={null} />
      </span>
      <ClaimState ember={ember} />
    </span>
  );
}

/** A cell of the table that holds nothing; a record has no cell for it. */
function Nothing() {
  return <span className="nil">–</span>;
}
