"use client";

import { useEffect } from "react";

/** Loads a page anew when its address no longer answers that the board cannot be read. A reader without a script is sent round by the page itself. */
export function ComeBack({ everySeconds }: { readonly everySeconds: number }) {
  useEffect(() => {
    const look = async () => {
      const answer = await fetch(location.href, { method: "HEAD", cache: "no-store" }).catch(() => null);
      if (answer !== null && answer.status !== 503) location.reload();
    };
    const timer = setInterval(look, everySeconds * 1000);
    return () => clearInterval(timer);
  }, [everySeconds]);
  return null;
}
