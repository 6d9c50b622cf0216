import type { Metadata } from "next";
import { readList } from "../../data/list.ts";
import { serveView } from "../../data/serve.ts";
import { pageContext } from "../../page-context.ts";
import { Empty } from "../../parts/entry.tsx";
import { Frame } from "../../parts/frame.tsx";
import { ListBar } from "../../parts/list/bar.tsx";
import { TaskTable } from "../../parts/list/table.tsx";
import { Outage } from "../../parts/outage.tsx";
import { Pager } from "../../parts/pager.tsx";
import { WideTitle } from "../../parts/title.tsx";
import { LIST_PAGE, listPath, namedFilters, parseListFilter } from "../../view/list-filter.ts";
import { formatCount } from "../../view/numbers.ts";
import type { Query } from "../../view/query.ts";

export const metadata: Metadata = { title: "List" };

export default async function Page({ searchParams }: { readonly searchParams: Promise<Query> }) {
  const context = await pageContext();
  const filter = parseListFilter(await searchParams);
  const served = await serveView(() => readList(filter));
  if ("problem" in served) return <Outage context={context} problem={served.problem} />;
  const { instance, tasks, matching, all, facets } = served.facts;
  const { to } = context;
  return (
    <Frame context={context} current="board" instance={instance} path={listPath(filter)} shape="wide">
      <WideTitle context={context} nav="board" current="list" title="List">
        <p className="showing soft">
          Showing <span className="m">{formatCount(tasks.length)}</span> of{" "}
          <span className="m">{formatCount(matching)}</span>
          {matching !== all && (
            <>
              , out of <span className="m">{formatCount(all)}</span>
            </>
          )}
          .
        </p>
      </WideTitle>
      <ListBar filter={filter} values={facets} matching={matching} context={context} />
      {tasks.length === 0 ? (
        <Nothing
          filters={namedFilters(filter)}
          all={all}
          clear={to("/list")}
          first={to(listPath({ ...filter, page: 1 }))}
        />
      ) : (
        <TaskTable tasks={tasks} now={instance.server_now} to={to} />
      )}
      <Pager
        page={filter.page}
        pages={Math.ceil(matching / LIST_PAGE)}
        href={(page) => to(listPath({ ...filter, page }))}
      />
    </Frame>
  );
}

interface NothingProps {
  readonly filters: readonly string[];
  readonly all: number;
  readonly clear: string;
  readonly first: string;
}

/** No task at all, none under these filters, and none on this page are three different facts. */
function Nothing({ filters, all, clear, first }: NothingProps) {
  if (all === 0) {
    return <Empty fact="The board is empty." next="Seed the chosen profile with bin/elk-os seed, or add a task." />;
  }
  if (filters.length > 0) {
    return <Empty fact={`No task has ${filters.join(", ")}.`} next={<a href={clear}>Clear the filters</a>} />;
  }
  return <Empty fact="This page is past the end." next={<a href={first}>First page</a>} />;
}
