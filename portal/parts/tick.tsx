import { type LeaseFacts, leaseKey } from "../view/ember.ts";
import { formatAge, formatDuration, secondsBetween } from "../view/times.ts";

export type TickProps = {
  /** The page's instant. */
  readonly now: Date;
  /** The stream moves the instant when this lease is renewed. */
  readonly lease?: Pick<LeaseFacts, "task" | "epoch">;
  /** One unit only, for a column of ages. */
  readonly short?: boolean;
} & ({ readonly since: Date } | { readonly until: Date });

/** A duration that goes on counting while the page is live; without scripts it stands as it was read. */
export function Tick({ now, lease, short = false, ...instant }: TickProps) {
  const seconds = "since" in instant ? secondsBetween(instant.since, now) : secondsBetween(now, instant.until);
  return (
    <span
      data-lease={lease === undefined ? undefined : leaseKey(lease)}
      data-since={"since" in instant ? instant.since.getTime() : undefined}
      data-until={"until" in instant ? instant.until.getTime() : undefined}
      data-unit={short ? "age" : undefined}
    >
      {short ? formatAge(seconds) : formatDuration(seconds)}
    </span>
  );
}
