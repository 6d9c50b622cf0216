import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { readLedger } from "../../data/receipts.ts";
import { serveView } from "../../data/serve.ts";
import { pageContext } from "../../page-context.ts";
import { Empty, Entry } from "../../parts/entry.tsx";
import { FactList } from "../../parts/facts.tsx";
import { Frame } from "../../parts/frame.tsx";
import { Outage } from "../../parts/outage.tsx";
import { ReceiptList } from "../../parts/receipt-list.tsx";
import { SheetTitle } from "../../parts/title.tsx";
import { hasFeature } from "../../profile.ts";
import { formatCount } from "../../view/numbers.ts";
import { fleetFacts } from "../../view/receipt-walk.ts";
import { logFacts } from "../../view/totals.ts";

export const metadata: Metadata = { title: "Receipts" };

export default async function Page() {
  const context = await pageContext();
  if (!hasFeature(context.profile, "receipts")) notFound();
  const served = await serveView(readLedger);
  if ("problem" in served) return <Outage context={context} problem={served.problem} />;
  const { instance, receipts } = served.facts;
  return (
    <Frame
      context={context}
      current="receipts"
      instance={instance}
      path="/receipts"
      shape="sheet"
      rail={
        <>
          <h2>Needed the fleet?</h2>
          <FactList facts={fleetFacts(receipts)} />
          <h2>Ledger</h2>
          <FactList facts={logFacts(instance)} />
        </>
      }
    >
      <SheetTitle context={context} nav="receipts" current="receipts" title="Receipts">
        A fault, who claimed that all was well, what caught it, and the commit that ended it. Each receipt holds the
        hash of the one before.
      </SheetTitle>
      <Entry title="All receipts" note={formatCount(instance.receipts)} hint="Newest first.">
        {receipts.length === 0 ? (
          <Empty fact="No receipt yet." next="A receipt is written for a fault that was caught and fixed." />
        ) : (
          <ReceiptList receipts={receipts} now={instance.server_now} to={context.to} />
        )}
      </Entry>
    </Frame>
  );
}
