import type { DoneTask, OpenTask } from "../../data/board.ts";
import { type Link, receiptRef } from "../../view/links.ts";
import { Moment } from "../moment.tsx";

export function TriageRow({ task, to }: { readonly task: OpenTask; readonly to: Link }) {
  return (
    <li>
      <a href={to(`/tasks/${task.number}`)}>
        <span className="tid">#{task.number}</span> {task.title}
      </a>
    </li>
  );
}

export function DoneRow({ task, now, to }: { readonly task: DoneTask; readonly now: Date; readonly to: Link }) {
  return (
    <li>
      <span className="l-top">
        <span className="tid">#{task.number}</span>
        {task.receipt !== null && (
          <a className="m" href={to(`/receipts/${task.receipt}`)}>
            {receiptRef(task.receipt)}
          </a>
        )}
        {task.done_at !== null && <Moment at={task.done_at} now={now} />}
      </span>
      <a href={to(`/tasks/${task.number}`)}>{task.title}</a>
    </li>
  );
}
