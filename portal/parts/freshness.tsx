"use client";

import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { formatCount, shortHash } from "../view/numbers.ts";
import { formatClock, formatDuration, secondsBetween } from "../view/times.ts";
import { FactList } from "./facts.tsx";
import { Glyph } from "./glyph.tsx";

export interface FreshnessProps {
  /** When the page's rows were read, by the database's clock. */
  readonly readAt: Date;
  readonly lastEvent: { readonly id: number; readonly at: Date; readonly hash: string | null } | null;
  readonly events: number;
  readonly incarnation: number;
}

type Mode = "still" | "reading" | "paused" | "offline";

const WORDS: Readonly<Record<Mode, string>> = { still: "Read", reading: "Read", paused: "Paused", offline: "Offline" };
const READ_EVERY_MS = 5_000;

/**
 * How fresh this page is. It names the instant at which it was read and never says live. With scripts it reads the board again
 * every five seconds while the page is seen; without, it stands still, and says so.
 */
export function Freshness({ readAt, lastEvent, events, incarnation }: FreshnessProps) {
  const { mode, toggle } = useReading();
  const age = lastEvent === null ? "none yet" : `${formatDuration(secondsBetween(lastEvent.at, readAt))} before that`;
  return (
    <details className="fresh" name="tools">
      <summary>
        <Glyph name="stream" />
        <b>{WORDS[mode]}</b>
        <time className="m" dateTime={readAt.toISOString()}>
          {formatClock(readAt)}
        </time>
        {lastEvent !== null && <span className="seq m">event {formatCount(lastEvent.id)}</span>}
      </summary>
      <div className="fresh-pop">
        <p>
          Read from the board at {formatClock(readAt)} UTC
          {lastEvent === null ? "" : `, as of event ${formatCount(lastEvent.id)}`}. Every fact on the page is from that
          one instant.
        </p>
        <FactList
          facts={[
            { name: "Last event", value: age },
            { name: "Events", value: formatCount(events) },
            { name: "Newest hash", value: shortHash(lastEvent?.hash ?? null) },
            { name: "Incarnation", value: incarnation },
          ]}
        />
        <p className="hint">{hintOf(mode)}</p>
        {mode !== "still" && (
          <button className="btn" type="button" onClick={toggle}>
            {mode === "paused" ? "Read on" : "Pause"}
          </button>
        )}
      </div>
    </details>
  );
}

function hintOf(mode: Mode): string {
  switch (mode) {
    case "still":
      return "The page does not change by itself. Load it again to read the board again.";
    case "reading":
      return `The board is read again every ${READ_EVERY_MS / 1000} s while this page is seen.`;
    case "paused":
      return "Paused: nothing on this page changes until it reads on.";
    case "offline":
      return "The portal does not answer. What you see is as old as its time says; it keeps asking.";
  }
}

function useReading(): { readonly mode: Mode; readonly toggle: () => void } {
  const router = useRouter();
  const [mode, setMode] = useState<Mode>("still");
  useEffect(() => setMode("reading"), []);
  useEffect(() => {
    if (mode === "still" || mode === "paused") return;
    const timer = setInterval(() => {
      if (document.hidden) return;
      // Asked first, because a refresh that meets no server would replace the page by the browser's own error.
      fetch("/healthz", { cache: "no-store" })
        .then((answer) => {
          setMode(answer.ok ? "reading" : "offline");
          if (answer.ok) router.refresh();
        })
        .catch(() => setMode("offline"));
    }, READ_EVERY_MS);
    return () => clearInterval(timer);
  }, [mode, router]);
  return { mode, toggle: () => setMode(mode === "paused" ? "reading" : "paused") };
}
