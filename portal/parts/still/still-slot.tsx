"use client";

import type { ReactNode } from "react";
import { keptMarkup } from "./kept-markup.ts";

export type StillTag = "div" | "footer" | "svg";

export interface StillSlotProps {
  readonly tag: StillTag;
  readonly place: string;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Names the children among those that the server keeps for the time of one answer. */
  readonly kept: string;
}

/** On the server the children themselves; in the browser whatever stands there already, which hydration leaves alone. */
export function StillSlot({ tag: Tag, place, attributes = {}, kept }: StillSlotProps) {
  const children: ReactNode = keptMarkup(kept);
  if (children !== undefined) {
    return (
      <Tag {...attributes} data-still={place}>
        {children}
      </Tag>
    );
  }
  return (
    <Tag
      {...attributes}
      data-still={place}
      suppressHydrationWarning
      // biome-ignore lint/security/noDangerouslySetInnerHtml: it is the page's own markup, put back where it stood
      dangerouslySetInnerHTML={{ __html: new Standing(place) }}
    />
  );
}

/** Read only when React gives up on the page and makes it anew: what the reader sees then stays. */
class Standing {
  readonly #place: string;

  constructor(place: string) {
    this.#place = place;
  }

  toString(): string {
    return document.querySelector(`[data-still="${this.#place}"]`)?.innerHTML ?? "";
  }
}
