import type { InstanceTotals } from "../data/instance.ts";
import { readReplaySteps } from "../data/replay-steps.ts";
import type { PageContext } from "../page-context.ts";
import { formatPlaceToken } from "../view/instant.ts";
import { replayPath } from "../view/links.ts";
import { formatClock, formatDate } from "../view/times.ts";
import { ReplayScrubber } from "./replay-scrubber.tsx";

const TEN_MINUTES_MS = 600_000;

export interface ReplayBarProps {
  readonly context: PageContext;
  readonly instance: InstanceTotals;
  /** Path and query of this page without theme and instant. */
  readonly path: string;
}

/** Says that the page shows the past, which instant of it, and what it cannot show; and leads through it, event by event. */
export async function ReplayBar({ context, instance, path }: ReplayBarProps) {
  const steps = await readReplaySteps(instance.last_event_place);
  const at = instance.server_now;
  const go = (instant: string) => replayPath(path, instant, context.theme);
  const place = (text: string | null) => (text === null ? null : go(formatPlaceToken(instance.incarnation, text)));
  const past = new Date(at.getTime() - TEN_MINUTES_MS).toISOString();
  return (
    <aside className="replay" aria-label="Replay">
      <p>
        <b>Replay.</b> You are looking at{" "}
        <time className="m" dateTime={at.toISOString()}>
          {formatDate(at)} {formatClock(at)}
        </time>{" "}
        UTC, not at now. <a href={replayPath(path, null, context.theme)}>Back to now</a>
      </p>
      <p className="soft">
        Rows are taken back by the trail of events. Heartbeats leave none: an ember shows its lease as last written. Nor
        do sightings of agents, and tokens count up to this instant only where they were reported apart.
      </p>
      <nav aria-label="Steps through the trail">
        <a href={go(past)}>10 m earlier</a>
        <Step href={place(steps.before)} word="Event before" keys="[" />
        <Step href={place(steps.after)} word="Event after" keys="]" />
      </nav>
      <ReplayScrubber
        path={path}
        theme={context.theme}
        from={Math.floor((steps.first_at ?? at).getTime() / 1000)}
        to={Math.ceil(steps.now.getTime() / 1000)}
        value={Math.floor(at.getTime() / 1000)}
      />
    </aside>
  );
}

function Step({ href, word, keys }: { readonly href: string | null; readonly word: string; readonly keys: string }) {
  return href === null ? (
    <span className="soft">{word}: none</span>
  ) : (
    <a href={href} data-replay-key={keys}>
      {word}
    </a>
  );
}
