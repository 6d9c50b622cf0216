import type { Receipt } from "../../data/receipts.ts";
import { receiptRef } from "../../view/links.ts";
import { shortHash } from "../../view/numbers.ts";
import { Entry } from "../entry.tsx";

/** The link from the receipt before to this one; nothing while receipts are not chained. */
export function Chain({ receipt }: { readonly receipt: Receipt }) {
  const { prev_hash: before, hash, number } = receipt;
  if (hash === null) return null;
  return (
    <Entry title="Hash chain">
      <ol className="links">
        <li title={before ?? undefined}>
          <span className="sub">{before === null || number === 1 ? "start of the chain" : receiptRef(number - 1)}</span>
          <span className="m">{shortHash(before)}</span>
        </li>
        <li title={hash}>
          <span className="sub">{receipt.ref}, this receipt</span>
          <span className="m">{shortHash(hash)}</span>
        </li>
      </ol>
      <p className="soft aside">
        Each hash covers the receipt's own facts and the hash before it, so that none can be changed or left out unseen.
      </p>
    </Entry>
  );
}
