import type { Metadata } from "next";
import { ENDED_PAGE, readClaims } from "../../data/claims.ts";
import { serveView } from "../../data/serve.ts";
import { pageContext } from "../../page-context.ts";
import { Empty, Entry } from "../../parts/entry.tsx";
import { FacetMenu } from "../../parts/facet-menu.tsx";
import { FactList } from "../../parts/facts.tsx";
import { Frame } from "../../parts/frame.tsx";
import { AliveEntry } from "../../parts/now/alive.tsx";
import { Outage } from "../../parts/outage.tsx";
import { Pager } from "../../parts/pager.tsx";
import { ClaimTable } from "../../parts/timeline/table.tsx";
import { SheetTitle } from "../../parts/title.tsx";
import { formatCount } from "../../view/numbers.ts";
import { type Query, readCount, readText, withQuery } from "../../view/query.ts";
import { claimFacts } from "../../view/totals.ts";

export const metadata: Metadata = { title: "Claims" };

const MAX_PAGE = 100_000;

export default async function Page({ searchParams }: { readonly searchParams: Promise<Query> }) {
  const context = await pageContext();
  const query = await searchParams;
  const ending = readText(query, "ending");
  const agent = readText(query, "agent");
  const page = readCount(query, "page", MAX_PAGE) ?? 1;
  const served = await serveView(() => readClaims(ending, agent, page));
  if ("problem" in served) return <Outage context={context} problem={served.problem} />;
  const { instance, held, leases, ended, endings, facets } = served.facts;
  const now = instance.server_now;
  const { to } = context;
  // Another filter begins with its first page.
  const href = (change: Readonly<Record<string, string | null>>, on = 1) =>
    withQuery("/claims", { ending, agent, page: on === 1 ? null : on, ...change });
  const total = endings.reduce((sum, { claims }) => sum + claims, 0);
  const matching = ending === null ? total : (endings.find((row) => row.ending === ending)?.claims ?? 0);
  return (
    <Frame
      context={context}
      current="agents"
      instance={instance}
      path={href({}, page)}
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
          <Nothing
            isPastEnd={matching > 0}
            isFiltered={ending !== null || agent !== null}
            clear={to("/claims")}
            first={to(`${href({})}#ended`)}
          />
        ) : (
          <ClaimTable claims={ended} now={now} to={to} />
        )}
        <Pager
          page={page}
          pages={Math.ceil(matching / ENDED_PAGE)}
          href={(number) => to(`${href({}, number)}#ended`)}
        />
      </Entry>
    </Frame>
  );
}

interface NothingProps {
  readonly isPastEnd: boolean;
  readonly isFiltered: boolean;
  readonly clear: string;
  readonly first: string;
}

/** No claim at all, none under these filters, and none on this page are three different facts. */
function Nothing({ isPastEnd, isFiltered, clear, first }: NothingProps) {
  if (isPastEnd) return <Empty fact="This page is past the end." next={<a href={first}>First page</a>} />;
  if (isFiltered) return <Empty fact="No claim matches these filters." next={<a href={clear}>Clear the filters</a>} />;
  return <Empty fact="No claim has ended yet." />;
}
