"use client";

import { useRef, useState } from "react";
import { formatClock, formatDate } from "../view/times.ts";

export interface ReplayScrubberProps {
  readonly path: string;
  readonly theme: string | null;
  /** Seconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

/** A slider over the whole history: a plain form, which a script sends as soon as the slider rests. */
export function ReplayScrubber({ path, theme, from, to, value }: ReplayScrubberProps) {
  const form = useRef<HTMLFormElement>(null);
  const [shown, setShown] = useState(value);
  const { pathname, searchParams } = new URL(path, "http://portal.invalid");
  const at = new Date(shown * 1000);
  return (
    <form ref={form} action={pathname} method="get">
      {[...searchParams].map(([name, text]) => (
        <input key={name} type="hidden" name={name} value={text} />
      ))}
      {theme !== null && <input type="hidden" name="theme" value={theme} />}
      <label>
        Instant{" "}
        <input
          type="range"
          name="at"
          min={from}
          max={to}
          value={shown}
          aria-valuetext={`${formatDate(at)} ${formatClock(at)} UTC`}
          onChange={(event) => setShown(Number(event.currentTarget.value))}
          onPointerUp={() => form.current?.requestSubmit()}
        />
      </label>{" "}
      <output className="m">
        {formatDate(at)} {formatClock(at)}
      </output>{" "}
      <button className="btn" type="submit">
        Show
      </button>
    </form>
  );
}
