"use client";

import { useEffect, useState, useSyncExternalStore } from "react";
import { PHASE_HINTS, PHASE_WORDS } from "../live/client/freshness-words.ts";
import { readLive, readStill, subscribeLive } from "../live/client/store.ts";
import { type LiveStream, openLiveStream } from "../live/client/stream.ts";
import { linkWith, replayPath, type Theme } from "../view/links.ts";
import { formatCount, shortHash } from "../view/numbers.ts";
import { formatClock, formatDuration, secondsBetween } from "../view/times.ts";
import { Announcer } from "./announcer.tsx";
import { FactList } from "./facts.tsx";
import { Glyph } from "./glyph.tsx";

export interface FreshnessProps {
  /** When the page's rows were read, by the database's clock. */
  readonly readAt: Date;
  readonly lastEvent: { readonly id: number; readonly at: Date; readonly hash: string | null } | null;
  readonly events: number;
  readonly incarnation: number;
  /** Path and query of the page without theme and instant. */
  readonly path: string;
  readonly theme: Theme | null;
}

/** How far back the replay is one key or click away, in minutes. */
const BACK = [10, 60, 24 * 60] as const;

/** How fresh this page is: it says live only while the stream proves it, and names the instant of its rows always. */
export function Freshness({ readAt: firstRead, lastEvent, events, incarnation, path, theme }: FreshnessProps) {
  const live = useSyncExternalStore(subscribeLive, readLive, readStill);
  const stream = useStream();
  const readAt = live.readAt === null ? firstRead : new Date(live.readAt);
  const eventId = live.eventId ?? lastEvent?.id ?? null;
  const age =
    lastEvent === null ? "none yet" : `${formatDuration(secondsBetween(lastEvent.at, firstRead))} before that`;
  return (
    <>
      <Announcer live={live} />
      <details className={`fresh is-${live.phase}`} name="tools">
        <summary>
          <Glyph name="stream" />
          <b>{PHASE_WORDS[live.phase]}</b>
          <time className="m" dateTime={readAt.toISOString()}>
            {formatClock(readAt)}
          </time>
          {eventId !== null && <span className="seq m">event {formatCount(eventId)}</span>}
          {live.isOtherBuild && <span className="seq m">new version</span>}
          {live.waiting > 0 && <span className="seq m">{formatCount(live.waiting)} new</span>}
        </summary>
        <div className="fresh-pop">
          <p>
            Read from the board at {formatClock(readAt)} UTC. Every fact of a region is from one instant; what did not
            change since may have been read earlier.
          </p>
          <FactList
            facts={[
              { name: "Last event", value: age },
              { name: "Events", value: formatCount(events) },
              { name: "Newest hash", value: shortHash(lastEvent?.hash ?? null) },
              { name: "Incarnation", value: incarnation },
            ]}
          />
          <p className="hint">{PHASE_HINTS[live.phase](live)}</p>
          {live.isOtherBuild && (
            <p className="hint" data-other-build="">
              The portal was replaced by another version since this page was loaded. What it shows is current; how it
              shows it may not be. <a href={linkWith(theme, null)(path)}>Load this page in the new version</a>
            </p>
          )}
          <nav className="back" aria-label="Replay">
            Replay{" "}
            {BACK.map((minutes) => (
              <a
                key={minutes}
                href={replayPath(path, new Date(readAt.getTime() - minutes * 60_000).toISOString(), theme)}
                data-replay-key={minutes === BACK[0] ? "[" : undefined}
              >
                {formatDuration(minutes * 60)} ago
              </a>
            ))}
          </nav>
          {stream !== null && <PauseButton stream={stream} isPaused={live.phase === "paused"} />}
        </div>
      </details>
    </>
  );
}

function PauseButton({ stream, isPaused }: { readonly stream: LiveStream; readonly isPaused: boolean }) {
  return (
    <button className="btn" type="button" data-live-pause="" onClick={() => stream.pause(!isPaused)}>
      {isPaused ? "Go on" : "Pause"}
    </button>
  );
}

/** Null on the server and until the page is hydrated. */
function useStream(): LiveStream | null {
  const [stream, setStream] = useState<LiveStream | null>(null);
  useEffect(() => setStream(openLiveStream()), []);
  return stream;
}
