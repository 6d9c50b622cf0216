import type { ReceiptLine } from "../data/receipts.ts";
import type { Link } from "../view/links.ts";
import { Glyph, State } from "./glyph.tsx";
import { Moment } from "./moment.tsx";
import { Who } from "./who.tsx";

export interface ReceiptListProps {
  readonly receipts: readonly ReceiptLine[];
  readonly now: Date;
  readonly to: Link;
}

/** Receipts as rows: what was proven, who caught it, author → verifier, when. */
export function ReceiptList({ receipts, now, to }: ReceiptListProps) {
  return (
    <ul className="rcp">
      {receipts.map((receipt) => (
        <li key={receipt.number}>
          <span className="r-st">
            <State look={{ glyph: "verified", tone: "verified", word: "verified" }} />
          </span>
          <span className="tid">{receipt.ref}</span>
          <span className="r-x">
            <a href={to(`/receipts/${receipt.number}`)}>
              <b>{receipt.title}</b>
            </a>
            {receipt.caught_by !== null && <span className="soft">{receipt.caught_by}</span>}
          </span>
          <Hands receipt={receipt} />
          <Moment at={receipt.issued_at} now={now} />
        </li>
      ))}
    </ul>
  );
}

function Hands({ receipt: { author, author_family, verifier, verifier_family } }: { readonly receipt: ReceiptLine }) {
  if (author === null && verifier === null) return <span className="r-by" />;
  return (
    <span className="r-by m">
      <span>
        <span className="only-sr">author </span>
        <Who name={author} family={author_family} />
      </span>
      <Glyph name="arrow" />
      <span>
        <span className="only-sr">verifier </span>
        <Who name={verifier} family={verifier_family} />
      </span>
    </span>
  );
}
