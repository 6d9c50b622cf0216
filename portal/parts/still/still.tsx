import { randomUUID } from "node:crypto";
import { after } from "next/server";
import type { ReactNode } from "react";
import { dropMarkup, keepMarkup } from "./kept-markup.ts";
import { StillSlot, type StillTag } from "./still-slot.tsx";

export interface StillProps {
  readonly tag: StillTag;
  /** Unique on the page. */
  readonly place: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly children: ReactNode;
}

/**
 * A part of the page that no script of React's looks at again: it is in the page once, as HTML, and neither sent as data for scripts nor gone
 * through when the page comes alive. The stream changes it in place. Nothing inside it may be a client component: it would never wake.
 */
export function Still({ children, ...slot }: StillProps) {
  const key = randomUUID();
  keepMarkup(key, children);
  after(() => dropMarkup(key));
  return <StillSlot {...slot} kept={key} />;
}
