import type { InstanceTotals } from "../data/instance.ts";
import { formatCount, shortHash } from "../view/numbers.ts";
import { formatClock, formatDuration, secondsBetween } from "../view/times.ts";
import { FactList } from "./facts.tsx";
import { Glyph } from "./glyph.tsx";

/** How fresh this page is, by the database's clock. It never says live: it says when it was read. */
export function Freshness({ instance }: { readonly instance: InstanceTotals }) {
  const { server_now: now, last_event_at: lastAt, last_event_id: lastId, last_event_hash: lastHash } = instance;
  const age = lastAt === null ? "none yet" : `${formatDuration(secondsBetween(lastAt, now))} before that`;
  return (
    <details className="fresh" name="tools">
      <summary>
        <Glyph name="stream" />
        <b>Read</b>
        <time className="m" dateTime={now.toISOString()}>
          {formatClock(now)}
        </time>
        {lastId !== null && <span className="seq m">event {formatCount(lastId)}</span>}
      </summary>
      <div className="fresh-pop">
        <p>
          Read from the board at {formatClock(now)} UTC{lastId === null ? "" : `, as of event ${formatCount(lastId)}`}.
          Every fact on the page is from that one instant.
        </p>
        <FactList
          facts={[
            { name: "Last event", value: age },
            { name: "Events", value: formatCount(instance.events) },
            { name: "Newest hash", value: shortHash(lastHash) },
            { name: "Incarnation", value: instance.incarnation },
          ]}
        />
        <p className="hint">The page does not change by itself. Load it again to read the board again.</p>
      </div>
    </details>
  );
}
