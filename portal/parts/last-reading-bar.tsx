import type { BoardProblem } from "../data/board-health.ts";
import { OUTAGES } from "../view/outages.ts";
import { formatClock, formatDate, formatDuration, secondsBetween } from "../view/times.ts";

const RETRY_SECONDS = 10;

export interface LastReadingBarProps {
  /** By the database's clock. */
  readonly readAt: Date;
  readonly problem: BoardProblem;
}

/** Stands over a page whose rows are of an earlier reading, because the board cannot be read now. It goes on by itself, also without a script. */
export function LastReadingBar({ readAt, problem }: LastReadingBarProps) {
  const { fact, command } = OUTAGES[problem];
  return (
    <aside className="last-reading" aria-label="Outage" data-problem={problem}>
      <noscript>
        <meta httpEquiv="refresh" content={String(RETRY_SECONDS)} />
      </noscript>
      <p>
        <b>{fact}</b> This is the last reading, of{" "}
        <time className="m" dateTime={readAt.toISOString()}>
          {formatDate(readAt)} {formatClock(readAt)}
        </time>{" "}
        UTC, <span className="m">{formatDuration(secondsBetween(readAt, new Date()))}</span> old by the portal's clock.
      </p>
      <p className="soft">
        No ember glows: who works now is unknown. The page goes on by itself when the board answers. For the operator:{" "}
        <code>{command}</code>
      </p>
    </aside>
  );
}
