import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { LEDGER_PAGE, readLedger } from "../../data/receipts.ts";
import { serveView } from "../../data/serve.ts";
import { pageContext } from "../../page-context.ts";
import { Empty, Entry } from "../../parts/entry.tsx";
import { FactList } from "../../parts/facts.tsx";
import { Frame } from "../../parts/frame.tsx";
import { Outage } from "../../parts/outage.tsx";
import { Pager } from "../../parts/pager.tsx";
import { ReceiptList } from "../../parts/receipt-list.tsx";
import { SheetTitle } from "../../parts/title.tsx";
import { hasFeature } from "../../profile.ts";
import { formatCount } from "../../view/numbers.ts";
import { type Query, readCount, withQuery } from "../../view/query.ts";
import { fleetFacts } from "../../view/receipt-walk.ts";
import { logFacts } from "../../view/totals.ts";

export const metadata: Metadata = { title: "Receipts" };

export default async function Page({ searchParams }: { readonly searchParams: Promise<Query> }) {
  const context = await pageContext();
  if (!hasFeature(context.profile, "receipts")) notFound();
  const page = readCount(await searchParams, "page", MAX_PAGE) ?? 1;
  const served = await serveView(() => readLedger(page));
  if ("problem" in served) return <Outage context={context} problem={served.problem} />;
  const { instance, fleet, receipts } = served.facts;
  return (
    <Frame
      context={context}
      current="receipts"
      instance={instance}
      path={pathOf(page)}
      shape="sheet"
      rail={
        <>
          <h2>Needed the fleet?</h2>
          <FactList facts={fleetFacts(fleet)} />
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
          <Nothing isEmpty={instance.receipts === 0} first={context.to("/receipts")} />
        ) : (
          <ReceiptList receipts={receipts} now={instance.server_now} to={context.to} />
        )}
        <Pager
          page={page}
          pages={Math.ceil(instance.receipts / LEDGER_PAGE)}
          href={(number) => context.to(pathOf(number))}
        />
      </Entry>
    </Frame>
  );
}

const MAX_PAGE = 100_000;
const pathOf = (page: number) => withQuery("/receipts", { page: page === 1 ? null : page });

function Nothing({ isEmpty, first }: { readonly isEmpty: boolean; readonly first: string }) {
  return isEmpty ? (
    <Empty fact="No receipt yet." next="A receipt is written for a fault that was caught and fixed." />
  ) : (
    <Empty fact="This page is past the end." next={<a href={first}>First page</a>} />
  );
}
