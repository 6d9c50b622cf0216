import type { ReactNode } from "react";
import type { Receipt } from "../../data/receipts.ts";
import { formatCount } from "../../view/numbers.ts";
import { fleetAnswer, walkOf } from "../../view/receipt-walk.ts";
import { formatDuration, secondsBetween } from "../../view/times.ts";
import { Entry } from "../entry.tsx";
import { Who } from "../who.tsx";

/** Who did it, and whether a fleet was needed for it at all. */
export function Attribution({ receipt }: { readonly receipt: Receipt }) {
  const answer = fleetAnswer(receipt.needed_fleet);
  // The profile's sentence may open with the answer itself.
  const words = receipt.attribution === answer ? null : receipt.attribution;
  const times = walkOf(receipt).flatMap(({ at }) => (at === null ? [] : [at.getTime()]));
  const open = times.length < 2 ? null : secondsBetween(new Date(Math.min(...times)), new Date(Math.max(...times)));
  return (
    <Entry title="Attribution">
      <div className="attr">
        {answer !== null && (
          <>
            <p className="q">Needed the fleet?</p>
            <p className="ans">{answer}</p>
          </>
        )}
        {words !== null && <p className="soft prose">{words}</p>}
        <dl className="who">
          <Fact name="Author">
            <Who name={receipt.author} family={receipt.author_family} />
          </Fact>
          {receipt.verifier !== null && (
            <Fact name="Verifier">
              <Who name={receipt.verifier} family={receipt.verifier_family} />
            </Fact>
          )}
          {open !== null && <Fact name="Open for">{formatDuration(open)}</Fact>}
          {receipt.tokens !== null && receipt.tokens > 0 && (
            <Fact name="Cost of the task">{formatCount(receipt.tokens)} tokens</Fact>
          )}
        </dl>
      </div>
    </Entry>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="m">{children}</dd>
    </div>
  );
}
