import type { Metadata } from "next";
import { readClaims } from "../../data/claims.ts";
import { serveView } from "../../data/serve.ts";
import { pageContext } from "../../page-context.ts";
import { Empty, Entry } from "../../parts/entry.tsx";
import { FacetMenu } from "../../parts/facet-menu.tsx";
import { FactList } from "../../parts/facts.tsx";
import { Frame } from "../../parts/frame.tsx";
import { AliveEntry } from "../../parts/now/alive.tsx";
import { Outage } from "../../parts/outage.tsx";
import { ClaimTable } from "../../parts/timeline/table.tsx";
import { SheetTitle } from "../../parts/title.tsx";
import { formatCount } from "../../view/numbers.ts";
import { type Query, readText, withQuery } from "../../view/query.ts";
import { claimFacts } from "../../view/totals.ts";

export const metadata: Metadata = { title: "Claims" };

export default async function Page({ searchParams }: { readonly searchParams: Promise<Query> }) {
  const context = await pageContext();
  const query = await searchParams;
  const ending = readText(query, "ending");
  const agent = readText(query, "agent");
  const served = await serveView(() => readClaims(ending, agent));
  if ("problem" in served) return <Outage context={context} problem={served.problem} />;
  const { instance, held, leases, ended, endings, facets } = served.facts;
  const now = instance.server_now;
  const { to } = context;
  const href = (change: Readonly<Record<string, string | null>>) => withQuery("/claims", { ending, agent, ...change });
  const total = endings.reduce((sum, { claims }) => sum + claims, 0);
  return (
    <Frame
      context={context}
      current="agents"
      instance={instance}
      path={href({})}
      shape="sheet"
      railLabel="Claim totals"
      rail={
        <>
          <h2>Held</h2>
          <FactList facts={claimFacts(held)} />
          <h2>Ended</h2>
          <FactList
            facts={[
              ...endings.map((row) => ({ name: row.ending.replaceAll("_", " "), value: formatCount(row.claims) })),
              { name: "All", value: formatCount(total), isTotal: true },
            ]}
          />
        </>
      }
    >
      <SheetTitle context={context} nav="agents" current="claims" title="Claims">
        A claim is a lease: each heartbeat renews it, and when it ends anybody may take the task over. What needs a look
        stands first.
      </SheetTitle>
      <AliveEntry leases={leases} counts={held} now={now} to={to} />
      <Entry
        title="Ended"
        note={ended.length < total ? `${formatCount(ended.length)} of ${formatCount(total)}` : formatCount(total)}
        hint="Newest first."
        id="ended"
      >
        <div className="facets in-entry">
          <FacetMenu
            word="Ending"
            chosen={ending}
            choices={endings.map((row) => ({ value: row.ending, count: row.claims }))}
            href={(value) => to(`${href({ ending: value })}#ended`)}
          />
          <FacetMenu
            word="Agent"
            chosen={agent}
            choices={facets.filter(({ facet }) => facet === "agent")}
            href={(value) => to(`${href({ agent: value })}#ended`)}
          />
        </div>
        {ended.length === 0 ? (
          <Empty
            fact={ending === null && agent === null ? "No claim has ended yet." : "No claim matches these filters."}
            next={ending === null && agent === null ? undefined : <a href={to("/claims")}>Clear the filters</a>}
          />
        ) : (
          <ClaimTable claims={ended} now={now} to={to} />
        )}
      </Entry>
    </Frame>
  );
}
