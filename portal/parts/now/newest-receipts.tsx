import { formatCount } from "../../view/numbers.ts";
import { Empty, Entry } from "../entry.tsx";
import { Glyph } from "../glyph.tsx";
import { ReceiptList, type ReceiptListProps } from "../receipt-list.tsx";

export interface NewestReceiptsEntryProps extends ReceiptListProps {
  readonly total: number;
}

export function NewestReceiptsEntry({ total, ...list }: NewestReceiptsEntryProps) {
  return (
    <Entry title="Receipts" note={`${formatCount(total)} in all`} hint="Newest first.">
      {list.receipts.length === 0 ? (
        <Empty fact="No receipt yet." next="A receipt is written for a fault that was caught and fixed." />
      ) : (
        <>
          <ReceiptList {...list} />
          {total > list.receipts.length && (
            <p className="more">
              <a href={list.to("/receipts")}>
                all {formatCount(total)} receipts <Glyph name="arrow" />
              </a>
            </p>
          )}
        </>
      )}
    </Entry>
  );
}
