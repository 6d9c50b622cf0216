import type { ClaimCounts, Lease } from "../../data/leases.ts";
import { claimAnchor } from "../../view/anchors.ts";
import { isAlive, isSlow, slowFrom } from "../../view/ember.ts";
import { lastWords } from "../../view/event-line.ts";
import type { Link } from "../../view/links.ts";
import { formatCount } from "../../view/numbers.ts";
import { taskLook } from "../../view/states.ts";
import { formatClock } from "../../view/times.ts";
import { ClaimState } from "../claim-state.tsx";
import { EmberPicture } from "../ember.tsx";
import { Empty, Entry } from "../entry.tsx";
import { State } from "../glyph.tsx";
import { More } from "../more.tsx";
import { Tick } from "../tick.tsx";
import { Who } from "../who.tsx";

export interface AliveEntryProps {
  /** Those that are listed. */
  readonly leases: readonly Lease[];
  /** Over all that are held. */
  readonly counts: ClaimCounts;
  readonly now: Date;
  readonly to: Link;
}

/** Held claims: the only warm rows of the page. */
export function AliveEntry({ leases, counts: { held, live: alive, cold }, now, to }: AliveEntryProps) {
  const live = leases.filter(({ ember }) => isAlive(ember));
  // Live claims first: the page answers who works, and what went cold stands under it and in Attention.
  const rows = [...live.toSorted((a, b) => a.task - b.task), ...leases.filter(({ ember }) => !isAlive(ember))];
  return (
    <Entry
      title="Alive"
      id="alive"
      note={held === 0 ? "nobody now" : `${formatCount(alive)} live${cold > 0 ? `, ${formatCount(cold)} cold` : ""}`}
      hint={
        <>
          Ring: lease left.
          <br />
          Fill: heartbeat.
        </>
      }
    >
      {rows.length === 0 ? (
        <Empty fact="No claim is held." next="The next claim lights up here." />
      ) : (
        <>
          <div className="claim head" aria-hidden="true">
            <span />
            <span>Agent</span>
            <span>Task</span>
            <span>Last event</span>
            <span className="r">Heartbeat</span>
            <span className="r">Lease left</span>
          </div>
          <ul className="claims" data-live-due={nextSlow(rows, now)}>
            {rows.map((lease) => (
              <ClaimRow key={lease.task} lease={lease} now={now} to={to} />
            ))}
          </ul>
          <More count={held - rows.length} href={to("/claims")} />
        </>
      )}
    </Entry>
  );
}

/** When the next of these claims becomes slow, ms since 1970. */
function nextSlow(leases: readonly Lease[], now: Date): number | undefined {
  const instants = leases.flatMap(({ last_at: at }) =>
    at === null || slowFrom(at) <= now ? [] : [slowFrom(at).getTime()],
  );
  return instants.length === 0 ? undefined : Math.min(...instants);
}

interface ClaimRowProps {
  readonly lease: Lease;
  readonly now: Date;
  readonly to: Link;
}

function ClaimRow({ lease, now, to }: ClaimRowProps) {
  const { ember, task, last_at: changedAt } = lease;
  const silent = ember.state === "cold" || ember.state === "expired";
  return (
    <li className={`claim is-${ember.state}`} data-key={`claim-${task}`} id={claimAnchor(ember.lease)}>
      <span className="c-ember">
        <EmberPicture ember={ember} />
      </span>
      <span className="c-who m">
        <Who name={lease.agent} family={lease.model_family} />
      </span>
      <span className="c-task">
        <span className="tid">#{task}</span>
        <a href={to(`/tasks/${task}`)}>{lease.task_title}</a>
        {lease.kind === "review" && <State look={{ ...taskLook("in_review"), word: "review" }} />}
        <ClaimState ember={ember} />
      </span>
      <span className="c-last">
        {silent ? (
          `silent since ${formatClock(lease.heartbeat_at)}`
        ) : changedAt !== null && isSlow(ember, changedAt, now) ? (
          <>
            slow: no change for <Tick since={changedAt} now={now} short />
          </>
        ) : (
          lastWords(lease.last_kind)
        )}
      </span>
      <span className="c-hb m">
        <span className="only-s">beat </span>
        <Tick since={lease.heartbeat_at} now={now} lease={ember.lease} />
      </span>
      <span className="c-lease m">
        <span className="only-s">lease </span>
        {ember.state === "expired" ? "ended" : <Tick until={lease.expires_at} now={now} lease={ember.lease} />}
      </span>
    </li>
  );
}
