import type { Metadata } from "next";
import { readNow } from "../data/now.ts";
import { serveView } from "../data/serve.ts";
import { pageContext } from "../page-context.ts";
import { FactList, FactStrip } from "../parts/facts.tsx";
import { Frame } from "../parts/frame.tsx";
import { AliveEntry } from "../parts/now/alive.tsx";
import { AttentionEntry } from "../parts/now/attention.tsx";
import { DoctorEntry } from "../parts/now/doctor-line.tsx";
import { EventsEntry } from "../parts/now/events.tsx";
import { NewestReceiptsEntry } from "../parts/now/newest-receipts.tsx";
import { Pulse } from "../parts/now/pulse.tsx";
import { SayEntry } from "../parts/now/say.tsx";
import { TrailEntries } from "../parts/now/trail.tsx";
import { Outage } from "../parts/outage.tsx";
import { hasFeature } from "../profile.ts";
import { pulseBars } from "../view/pulse.ts";
import { boardFacts, claimFacts, logFacts, runningFacts } from "../view/totals.ts";

/** Absolute: a title template does not reach the page beside its own layout. */
export async function generateMetadata(): Promise<Metadata> {
  const { profile } = await pageContext();
  return { title: { absolute: `Now · ${profile.brand.name} · ${profile.brand.org}` } };
}

export default async function Page() {
  const context = await pageContext();
  const served = await serveView(readNow);
  if ("problem" in served) return <Outage context={context} problem={served.problem} />;
  const { instance, counts, leases, attention, receipts, phases, events, minutes, running, doctor } = served.facts;
  const held = served.facts.claims;
  const { to, profile } = context;
  const now = instance.server_now;
  const log = logFacts(instance);
  const claims = claimFacts(held);
  const board = boardFacts(counts);
  return (
    <Frame
      context={context}
      current="now"
      instance={instance}
      path="/"
      shape="sheet"
      rail={
        <>
          <h2>Ledger</h2>
          <FactList facts={log} />
          <Pulse counts={minutes} />
          <FactList facts={[{ name: "Events / min", value: pulseBars(minutes).perMinute }, ...claims]} />
          <FactList facts={board} />
          {running !== null && <FactList facts={runningFacts(running, counts.done)} />}
        </>
      }
    >
      <SayEntry facts={served.facts} to={to} />
      <FactStrip facts={[...log, ...claims]} />
      <AliveEntry leases={leases} counts={held} now={now} to={to} />
      <AttentionEntry
        leases={leases}
        counts={held}
        lines={attention}
        waiting={served.facts.waiting}
        now={now}
        to={to}
      />
      {hasFeature(profile, "receipts") && (
        <NewestReceiptsEntry receipts={receipts} total={instance.receipts} now={now} to={to} />
      )}
      <TrailEntries phases={phases} now={now} to={to} />
      <DoctorEntry report={doctor} now={now} to={to} />
      <EventsEntry events={events} total={instance.events} now={now} to={to} />
    </Frame>
  );
}
