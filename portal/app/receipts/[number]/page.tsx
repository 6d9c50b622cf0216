import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { readReceipt } from "../../../data/receipts.ts";
import { serveView } from "../../../data/serve.ts";
import { pageContext } from "../../../page-context.ts";
import { Frame } from "../../../parts/frame.tsx";
import { Outage } from "../../../parts/outage.tsx";
import { Attribution } from "../../../parts/receipt/attribution.tsx";
import { Chain } from "../../../parts/receipt/chain.tsx";
import { ReceiptRail } from "../../../parts/receipt/rail.tsx";
import { Walk } from "../../../parts/receipt/walk.tsx";
import { hasFeature } from "../../../profile.ts";
import { parseNumber, receiptRef } from "../../../view/links.ts";

interface PageProps {
  readonly params: Promise<{ readonly number: string }>;
}

/** Once for a request: the head of the page and its body are of one reading. */
const serveReceipt = cache((number: number) => serveView(() => readReceipt(number)));

/** A tab, a bookmark and a link that is passed on say which receipt it is. */
export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  const number = parseNumber((await params).number, "r-");
  if (number === null) return { title: "Receipt" };
  const served = await serveReceipt(number);
  if ("problem" in served || served.facts === null) return { title: receiptRef(number) };
  const { ref, title, symptom } = served.facts.receipt;
  return { title: `${ref} ${title}`, description: symptom === null ? title : `${title}: ${symptom}` };
}

export default async function Page({ params }: PageProps) {
  const context = await pageContext();
  const number = parseNumber((await params).number, "r-");
  if (number === null || !hasFeature(context.profile, "receipts")) notFound();
  const served = await serveReceipt(number);
  if ("problem" in served) return <Outage context={context} problem={served.problem} />;
  if (served.facts === null) notFound();
  const { instance, receipt, neighbours } = served.facts;
  const { to } = context;
  const now = instance.server_now;
  return (
    <Frame
      context={context}
      current="receipts"
      instance={instance}
      path={`/receipts/${number}`}
      shape="sheet"
      railLabel="Receipt facts"
      rail={<ReceiptRail receipt={receipt} neighbours={neighbours} now={now} to={to} />}
    >
      <section className="entry say plain">
        <div className="marg">
          <p className="m date">
            Receipt <br />
            {receipt.ref}
          </p>
        </div>
        <div className="body">
          <h1 className="voice">{receipt.title}</h1>
          <p className="sub16">
            <a href={to(`/tasks/${receipt.task}`)}>
              Task <span className="m">#{receipt.task}</span>
            </a>
            {receipt.phase !== null && ` in phase ${receipt.phase}`}: {receipt.task_title}.
          </p>
        </div>
      </section>
      <Walk receipt={receipt} now={now} />
      <Attribution receipt={receipt} />
      <Chain receipt={receipt} />
    </Frame>
  );
}
