import { formatCount } from "../view/numbers.ts";
import { Glyph } from "./glyph.tsx";

export interface MoreProps {
  /** Rows that are there and not shown; nothing is said when there are none. */
  readonly count: number;
  /** Where they are. */
  readonly href: string;
  /** What they are: "older". */
  readonly word?: string;
}

/** A list that is cut says so, by how much, and leads to the rest. */
export function More({ count, href, word = "more" }: MoreProps) {
  if (count <= 0) return null;
  return (
    <p className="hint older">
      <a href={href}>
        <span className="m">{formatCount(count)}</span> {word} <Glyph name="arrow" />
      </a>
    </p>
  );
}
