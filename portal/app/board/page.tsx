import type { Metadata } from "next";
import { readBoard } from "../../data/board.ts";
import { serveView } from "../../data/serve.ts";
import { pageContext } from "../../page-context.ts";
import { Facets } from "../../parts/board/facets.tsx";
import { Kanban } from "../../parts/board/kanban.tsx";
import { Lanes } from "../../parts/board/lanes.tsx";
import { Empty } from "../../parts/entry.tsx";
import { FactStrip } from "../../parts/facts.tsx";
import { Frame } from "../../parts/frame.tsx";
import { Outage } from "../../parts/outage.tsx";
import { WideTitle } from "../../parts/title.tsx";
import { boardPath, isFiltered, parseFilter, parseLanes } from "../../view/filters.ts";
import { formatCount } from "../../view/numbers.ts";
import type { Query } from "../../view/query.ts";
import { claimFacts, countedTasks, logFacts } from "../../view/totals.ts";

export const metadata: Metadata = { title: "Board" };

export default async function Page({ searchParams }: { readonly searchParams: Promise<Query> }) {
  const context = await pageContext();
  const query = await searchParams;
  const filter = parseFilter(query);
  const lanes = parseLanes(query);
  const served = await serveView(() => readBoard(filter));
  if ("problem" in served) return <Outage context={context} problem={served.problem} />;
  const { instance, counts, claims, open, done, facets } = served.facts;
  const path = boardPath(filter, lanes);
  const total = countedTasks(counts);
  return (
    <Frame context={context} current="board" instance={instance} path={path} shape="wide">
      <WideTitle context={context} nav="board" current="board" title="Board">
        <Facets filter={filter} lanes={lanes} values={facets} to={context.to} />
        <p className="showing soft">
          Showing <span className="m">{formatCount(open.length + done.length)}</span> of{" "}
          <span className="m">{formatCount(total)}</span>.
          {counts.cancelled > 0 && (
            <>
              {" "}
              <span className="m">{formatCount(counts.cancelled)}</span> cancelled{" "}
              {counts.cancelled === 1 ? "is" : "are"} hidden.
            </>
          )}
        </p>
      </WideTitle>
      <FactStrip facts={[...logFacts(instance).slice(0, 1), ...claimFacts(claims), ...logFacts(instance).slice(2)]} />
      {total === 0 ? (
        <Nothing isFiltered={isFiltered(filter)} clear={context.to("/board")} />
      ) : lanes !== null ? (
        <Lanes kind={lanes} counts={counts} filter={filter} open={open} now={instance.server_now} to={context.to} />
      ) : (
        <Kanban counts={counts} filter={filter} open={open} done={done} now={instance.server_now} to={context.to} />
      )}
    </Frame>
  );
}

/** No task at all, and no task under these filters, are two different facts. */
function Nothing({ isFiltered: filtered, clear }: { readonly isFiltered: boolean; readonly clear: string }) {
  if (filtered) {
    return <Empty fact="No task matches these filters." next={<a href={clear}>Clear the filters</a>} />;
  }
  return (
    <Empty
      fact="The board is empty."
      next={
        <>
          Seed the chosen profile with <code>bin/elk-os seed</code>, or let an agent write the first task.
        </>
      }
    />
  );
}
