import { formatClock, formatDate, formatMoment } from "../view/times.ts";

/** An instant: short to read, whole in the markup. */
export function Moment({ at, now }: { readonly at: Date; readonly now: Date }) {
  return (
    <time className="m" dateTime={at.toISOString()} title={`${formatDate(at)} ${formatClock(at)} UTC`}>
      {formatMoment(at, now)}
    </time>
  );
}
