"use client";

import { useEffect } from "react";
import { openLiveStream } from "../live/client/stream.ts";

/** Keeps a page live that has no masthead and so says nothing about it. Stands outside of what the stream changes. */
export function KeepLive() {
  useEffect(() => {
    openLiveStream();
  }, []);
  return null;
}
