import type { TimelineClaim } from "../../data/timeline.ts";
import { claimAnchor, epochAnchor } from "../../view/anchors.ts";
import type { Link } from "../../view/links.ts";
import { claimLook } from "../../view/states.ts";
import { formatDuration, formatMoment, secondsBetween } from "../../view/times.ts";
import { ClaimState } from "../claim-state.tsx";
import { State } from "../glyph.tsx";
import { Tick } from "../tick.tsx";
import { Who } from "../who.tsx";

export interface ClaimTableProps {
  readonly claims: readonly TimelineClaim[];
  readonly now: Date;
  readonly to: Link;
}

/** The same claims in words, newest first. */
export function ClaimTable({ claims, now, to }: ClaimTableProps) {
  return (
    <div className="tw">
      <table className="ledger rows">
        <caption className="only-sr">
          Claims, newest first. A held claim tells its last heartbeat; earlier ones are not kept.
        </caption>
        <thead>
          <tr>
            <th scope="col">Agent</th>
            <th scope="col">Task</th>
            <th scope="col" className="r">
              Epoch
            </th>
            <th scope="col">Claimed</th>
            <th scope="col">Ended</th>
            <th scope="col" className="r">
              Lasted
            </th>
            <th scope="col">Outcome</th>
          </tr>
        </thead>
        <tbody>
          {claims.map((claim) => (
            <Row key={`${claim.task}-${claim.epoch}`} claim={claim} now={now} to={to} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ claim, now, to }: { readonly claim: TimelineClaim; readonly now: Date; readonly to: Link }) {
  const { claimed_at: from, ended_at: end, ember } = claim;
  return (
    <tr id={claimAnchor(claim)}>
      <td className="m">
        <Who name={claim.agent} family={claim.model_family} />
      </td>
      <th scope="row" className="t-x">
        <a href={to(`/tasks/${claim.task}`)}>
          <span className="tid">#{claim.task}</span> <b>{claim.task_title}</b>
        </a>
      </th>
      <td className="m r">
        <a href={to(`/tasks/${claim.task}#${epochAnchor(claim.epoch)}`)}>
          <span className="only-sr">This claim in the task's history, </span>
          <span className="only-s">epoch </span>
          {claim.epoch}
        </a>
      </td>
      <td>
        <time dateTime={from.toISOString()}>{formatMoment(from, now)}</time>
      </td>
      <td>
        {end === null ? (
          <>
            <span className="m">now</span>
            {ember !== null && (
              <span className="soft">
                {" "}
                beat <Tick since={ember.lease.heartbeatAt} now={now} lease={ember.lease} /> ago
              </span>
            )}
          </>
        ) : (
          <time dateTime={end.toISOString()}>{formatMoment(end, now)}</time>
        )}
      </td>
      <td className="m r">
        {end === null ? <Tick since={from} now={now} /> : formatDuration(secondsBetween(from, end))}
      </td>
      <td>
        {ember !== null && ember.state !== "fresh" ? (
          <ClaimState ember={ember} />
        ) : (
          <State look={claimLook(claim.ended_by, claim.outcome, claim.kind)} />
        )}{" "}
        <span className="soft">{claim.kind === "review" ? "review" : `attempt ${claim.attempt}`}</span>
      </td>
    </tr>
  );
}
