import type { Claim, Task } from "../../data/task.ts";
import { epochAnchor } from "../../view/anchors.ts";
import { plural } from "../../view/numbers.ts";
import { claimLook } from "../../view/states.ts";
import { formatDuration, formatMoment, secondsBetween } from "../../view/times.ts";
import { Empty, Entry } from "../entry.tsx";
import { State } from "../glyph.tsx";
import { Tick } from "../tick.tsx";
import { Who } from "../who.tsx";

export interface HistoryEntryProps {
  readonly task: Task;
  readonly claims: readonly Claim[];
  readonly now: Date;
}

/** Every epoch of the task: who held it, from when to when, and how it ended. */
export function HistoryEntry({ task, claims, now }: HistoryEntryProps) {
  const attempts = new Set(claims.filter(({ kind }) => kind === "work").map(({ attempt }) => attempt)).size;
  return (
    <Entry
      title="History"
      note={claims.length === 0 ? "no claim" : `${plural(claims.length, "epoch")}, ${plural(attempts, "attempt")}`}
      hint={claims.length > 1 ? "Newest first." : undefined}
    >
      {claims.length === 0 ? (
        <Empty fact={task.status === "cancelled" ? "Nobody ever claimed it." : "Nobody has claimed it yet."} />
      ) : (
        <ol className="ep" reversed>
          {claims.map((claim) => (
            <Epoch key={claim.epoch} claim={claim} now={now} />
          ))}
        </ol>
      )}
    </Entry>
  );
}

function Epoch({ claim, now }: { readonly claim: Claim; readonly now: Date }) {
  const { claimed_at: from, ended_at: end } = claim;
  return (
    <li id={epochAnchor(claim.epoch)}>
      <a className="m ep-n" href={`#${epochAnchor(claim.epoch)}`}>
        <span className="only-sr">epoch </span>
        {claim.epoch}
      </a>
      <span className="ep-s">
        <State look={claimLook(claim.ended_by, claim.outcome, claim.kind)} />
      </span>
      <span className="m ep-a">
        <Who name={claim.agent} family={claim.model_family} />
      </span>
      <span className="m ep-t">
        <time dateTime={from.toISOString()}>{formatMoment(from, now)}</time>
        {" – "}
        {end === null ? "now" : <time dateTime={end.toISOString()}>{formatMoment(end, now)}</time>}
      </span>
      <span className="m ep-d">
        {end === null ? <Tick since={from} now={now} /> : formatDuration(secondsBetween(from, end))}
      </span>
      <span className="ep-x soft">
        {claim.kind === "review" ? "review" : "work"}, attempt {claim.attempt}
      </span>
    </li>
  );
}
