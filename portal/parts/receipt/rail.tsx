import type { Receipt, ReceiptNeighbour } from "../../data/receipts.ts";
import type { Link } from "../../view/links.ts";
import { Commit } from "../commit.tsx";
import { FactList } from "../facts.tsx";
import { Moment } from "../moment.tsx";

export interface ReceiptRailProps {
  readonly receipt: Receipt;
  readonly neighbours: readonly ReceiptNeighbour[];
  readonly now: Date;
  readonly to: Link;
}

export function ReceiptRail({ receipt, neighbours, now, to }: ReceiptRailProps) {
  const commit = receipt.submitted_commit;
  return (
    <>
      <h2>Receipt</h2>
      <FactList
        facts={[
          { name: "Id", value: receipt.ref },
          { name: "Task", value: <a href={to(`/tasks/${receipt.task}`)}>#{receipt.task}</a> },
          ...(receipt.phase === null ? [] : [{ name: "Phase", value: receipt.phase }]),
          { name: "Issued", value: <Moment at={receipt.issued_at} now={now} /> },
          ...(commit === null
            ? []
            : [{ name: "Commit", value: <Commit commit={commit} repository={receipt.repository_url} /> }]),
          ...(receipt.origin === "live" ? [] : [{ name: "Origin", value: receipt.origin }]),
          { name: "Task is", value: receipt.task_status, isTotal: true },
        ]}
      />
      {neighbours.length > 0 && (
        <>
          <h2>Neighbours</h2>
          <ul className="nb">
            {neighbours.map(({ number, ref, title }) => (
              <li key={number}>
                <a href={to(`/receipts/${number}`)}>
                  <span className="m">{ref}</span> {title}
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
