"use client";

import { useEffect, useRef, useState } from "react";
import { NOTHING_TOLD, type Told, tellIn, wordsOf } from "../live/client/announce.ts";
import type { LiveFacts } from "../live/client/store.ts";

/** Tells a screen reader what the pill shows: when the page stops being current, and when it is current again. */
export function Announcer({ live }: { readonly live: LiveFacts }) {
  const [words, setWords] = useState("");
  const told = useRef<Told>(NOTHING_TOLD);
  const { phase, waiting } = live;
  const since = useRef(0);
  const latest = useRef(live);
  useEffect(() => {
    latest.current = live;
  }, [live]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the instant of a phase is that of its change
  useEffect(() => {
    since.current = performance.now();
  }, [phase]);
  // Only these two set the timer anew: rows that are read meanwhile must not put the word off for ever.
  useEffect(() => {
    const wait = tellIn(told.current, { phase, waiting }, since.current, performance.now());
    if (wait === null) return undefined;
    const timer = setTimeout(() => {
      told.current = { phase, waiting, at: performance.now() };
      setWords(wordsOf(latest.current));
    }, wait);
    return () => clearTimeout(timer);
  }, [phase, waiting]);
  return (
    <p className="only-sr" role="status" data-announces="freshness">
      {words}
    </p>
  );
}
