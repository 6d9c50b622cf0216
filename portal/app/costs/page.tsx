import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { type CostFacts, type PaidCost, readCosts } from "../../data/costs.ts";
import { serveView } from "../../data/serve.ts";
import { isPublic } from "../../env.ts";
import { pageContext } from "../../page-context.ts";
import { RateTable } from "../../parts/costs/rates.tsx";
import { Empty, Entry } from "../../parts/entry.tsx";
import { FactList } from "../../parts/facts.tsx";
import { Frame } from "../../parts/frame.tsx";
import { Outage } from "../../parts/outage.tsx";
import { hasFeature } from "../../profile.ts";
import { formatCount, plural } from "../../view/numbers.ts";
import { formatRate, formatUsd, perTask } from "../../view/rates.ts";
import { formatDate } from "../../view/times.ts";

export const metadata: Metadata = { title: "Costs" };

const DIMENSIONS = [
  { dimension: "agent", title: "By agent" },
  { dimension: "model", title: "By model" },
  { dimension: "class", title: "By class" },
] as const;

export default async function Page() {
  const context = await pageContext();
  if (!hasFeature(context.profile, "costs") || isPublic()) notFound();
  const served = await serveView(readCosts);
  if ("problem" in served) return <Outage context={context} problem={served.problem} />;
  const { instance, running, phases, rates } = served.facts;
  const total = rates.find(({ dimension }) => dimension === "all");
  const each = perTask(running.usd, instance.tasks_done);
  const tokensEach = perTask(running.tokens, instance.tasks_done);
  return (
    <Frame
      context={context}
      current="costs"
      instance={instance}
      path="/costs"
      shape="sheet"
      railLabel="Cost totals"
      rail={
        <>
          <h2>Running</h2>
          <FactList
            facts={[
              { name: "Claims", value: formatCount(running.claims) },
              { name: "Tokens", value: formatCount(running.tokens) },
              { name: "Thrown away", value: formatCount(running.tokens_discarded) },
              { name: "USD", value: formatUsd(running.usd), isTotal: true },
            ]}
          />
          <h2>Per verified task</h2>
          <FactList
            facts={[
              { name: "Tokens", value: tokensEach === null ? "–" : formatCount(tokensEach) },
              { name: "USD", value: each === null ? "–" : formatUsd(each), isTotal: true },
            ]}
          />
        </>
      }
    >
      <section className="entry say">
        <div className="marg" />
        <div className="body">
          <h1 className="voice">
            {each === null ? (
              <>No task is verified yet, so no task has a price.</>
            ) : (
              <>
                A verified task cost <span className="n-done">${formatUsd(each)}</span> to run.{" "}
                {total !== undefined && (
                  <>
                    <span className="n-cold">{formatRate(total.discard_rate)}</span> of the attempts were thrown away.
                  </>
                )}
              </>
            )}
          </h1>
          <p className="sub16">
            Running cost is what agents reported for their claims, discarded work included. Hosting and building are
            kept apart: they do not grow with tasks.
          </p>
        </div>
      </section>
      <Entry title="Three costs" note="never added up">
        <ThreeCosts facts={served.facts} />
        {running.uncounted > 0 && (
          <p className="soft aside">
            {plural(running.uncounted, "ended claim")} reported no cost, so the running cost is a floor.
          </p>
        )}
      </Entry>
      <Entry title="By phase" note="running cost">
        {phases.length === 0 ? (
          <Empty fact="No claim yet, so nothing was spent." />
        ) : (
          <div className="tw">
            <table className="ledger rows">
              <caption className="only-sr">Running cost by phase</caption>
              <thead>
                <tr>
                  <th scope="col">Phase</th>
                  <th scope="col" className="r">
                    Verified
                  </th>
                  <th scope="col" className="r">
                    Tokens
                  </th>
                  <th scope="col" className="r">
                    USD
                  </th>
                  <th scope="col" className="r">
                    USD per verified task
                  </th>
                </tr>
              </thead>
              <tbody>
                {phases.map(({ phase, name, verified, tokens, usd }) => {
                  const price = perTask(usd, verified);
                  return (
                    <tr key={phase ?? "none"}>
                      <th scope="row" className="t-x">
                        <span className="m soft">{phase ?? "–"}</span> {name ?? "outside phases"}
                      </th>
                      <td className="m r">
                        <span className="only-s">verified </span>
                        {formatCount(verified)}
                      </td>
                      <td className="m r">
                        <span className="only-s">tokens </span>
                        {formatCount(tokens)}
                      </td>
                      <td className="m r">
                        <span className="only-s">USD </span>
                        {formatUsd(usd)}
                      </td>
                      <td className="m r">
                        <span className="only-s">each </span>
                        {price === null ? "–" : formatUsd(price)}
                      </td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
        )}
      </Entry>
      {total !== undefined &&
        DIMENSIONS.map(({ dimension, title }) => (
          <Entry key={dimension} title={title} note="ended attempts">
            <RateTable
              caption={title}
              rates={rates.filter((rate) => rate.dimension === dimension)}
              total={dimension === "class" ? total : undefined}
            />
          </Entry>
        ))}
    </Frame>
  );
}

const WORDS: Readonly<Record<PaidCost["kind"], string>> = { hosting: "Hosting", build: "Build" };

function ThreeCosts({ facts: { running, paid } }: { readonly facts: CostFacts }) {
  return (
    <dl className="three">
      {(["hosting", "build"] as const).map((kind) => {
        const row = paid.find((cost) => cost.kind === kind);
        return (
          <div key={kind}>
            <dt>{WORDS[kind]}</dt>
            <dd>{row === undefined ? "–" : `$${formatUsd(row.usd)}`}</dd>
            <dd className="sub">
              {row === undefined
                ? "nothing recorded"
                : `${plural(row.entries, "entry", "entries")}, ${formatDate(row.first_at)} to ${formatDate(row.last_at)}`}
            </dd>
          </div>
        );
      })}
      <div>
        <dt>Running</dt>
        <dd>${formatUsd(running.usd)}</dd>
        <dd className="sub">
          {plural(running.claims, "claim")}, ${formatUsd(running.usd_discarded)} of it thrown away
        </dd>
      </div>
    </dl>
  );
}
