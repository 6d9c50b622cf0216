import type { Metadata } from "next";
import type { ReactNode } from "react";
import { type GraphNode, readGraph } from "../../data/graph.ts";
import { serveView } from "../../data/serve.ts";
import { pageContext } from "../../page-context.ts";
import { Empty } from "../../parts/entry.tsx";
import { FacetMenu } from "../../parts/facet-menu.tsx";
import { Frame } from "../../parts/frame.tsx";
import { State } from "../../parts/glyph.tsx";
import { GraphSvg } from "../../parts/graph/picture.tsx";
import { Outage } from "../../parts/outage.tsx";
import { WideTitle } from "../../parts/title.tsx";
import { criticalPath, isOpen, unblocksMost } from "../../view/graph.ts";
import { neighboursOf } from "../../view/graph-layout.ts";
import type { Link } from "../../view/links.ts";
import { plural } from "../../view/numbers.ts";
import { type Query, readCount, readText, readWord, withQuery } from "../../view/query.ts";
import { blockLook, taskLook } from "../../view/states.ts";

export const metadata: Metadata = { title: "Graph" };

const SCOPES = ["open", "all"] as const;
const MOST = 12;

export default async function Page({ searchParams }: { readonly searchParams: Promise<Query> }) {
  const context = await pageContext();
  const query = await searchParams;
  const focus = readCount(query, "focus");
  const phase = readText(query, "phase");
  const scope = readWord(query, "scope", SCOPES, "open");
  const served = await serveView(() => readGraph({ withClosed: scope === "all", phase, focus }));
  if ("problem" in served) return <Outage context={context} problem={served.problem} />;
  const { instance, tasks: all, edges, facets, isCut } = served.facts;
  const { to } = context;
  const href = (change: Readonly<Record<string, string | number | null>>) =>
    withQuery("/graph", { focus, phase, scope: scope === "open" ? null : scope, ...change });
  const linked = new Set(edges.flatMap(({ from, to: target }) => [from, target]));
  const tasks = all.filter(({ number }) => linked.has(number));
  const path = criticalPath(tasks, edges);
  const holds = unblocksMost(tasks, edges);
  const byNumber = new Map(tasks.map((task) => [task.number, task]));
  return (
    <Frame context={context} current="board" instance={instance} path={href({})} shape="wide">
      <WideTitle context={context} nav="board" current="graph" title="Graph">
        <div className="facets">
          {focus === null ? (
            <>
              <FacetMenu
                word="Tasks"
                chosen={scope}
                choices={SCOPES.map((value) => ({ value }))}
                href={(value) => to(href({ scope: value }))}
                isRequired
              />
              <FacetMenu
                word="Phase"
                chosen={phase}
                choices={facets.filter(({ facet }) => facet === "phase")}
                href={(value) => to(href({ phase: value }))}
              />
            </>
          ) : (
            <a className="btn" href={to(href({ focus: null }))}>
              All of it, not only around #{focus}
            </a>
          )}
        </div>
        <p className="showing soft">
          {plural(tasks.length, "task")} that wait or are waited for{isCut && ", the most urgent"}.
        </p>
      </WideTitle>
      {tasks.length === 0 ? (
        <Empty
          fact={
            focus === null
              ? "No task waits for another."
              : all.length === 0
                ? `There is no task #${focus} here.`
                : `Task #${focus} waits for nothing, and nothing waits for it.`
          }
          next={<a href={to("/graph?scope=all")}>Show the graph of all tasks, verified ones as well</a>}
        />
      ) : (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
          <section className="dag-scroll" tabIndex={0} aria-label="Graph, scrolls both ways">
            <GraphSvg tasks={tasks} edges={edges} path={path} focus={focus} to={to} />
          </section>
          <div className="two">
            <section className="flat" aria-labelledby="longest">
              <h2 id="longest">Longest chain of open tasks</h2>
              {path.length === 0 ? (
                <Empty fact="No open task waits for another open one." />
              ) : (
                <ol className="chain-list">
                  {path.flatMap((number) => {
                    const task = byNumber.get(number);
                    return task === undefined ? [] : [<TaskLine key={number} task={task} to={to} />];
                  })}
                </ol>
              )}
            </section>
            <section className="flat" aria-labelledby="most">
              <h2 id="most">What unblocks most</h2>
              {holds.length === 0 ? (
                <Empty fact="No open task holds another one up." />
              ) : (
                <ol className="chain-list">
                  {holds.slice(0, MOST).flatMap(({ number, direct, all: every }) => {
                    const task = byNumber.get(number);
                    return task === undefined
                      ? []
                      : [
                          <TaskLine key={number} task={task} to={to}>
                            <span className="m soft">
                              {every} {every === direct ? "directly" : `of them ${direct} directly`}
                            </span>
                          </TaskLine>,
                        ];
                  })}
                </ol>
              )}
            </section>
          </div>
          <EdgeTable tasks={tasks} edges={edges} to={to} />
        </>
      )}
    </Frame>
  );
}

const lookOf = ({ status, blocked_type }: GraphNode) =>
  status === "blocked" ? blockLook(blocked_type) : taskLook(status);

interface TaskLineProps {
  readonly task: GraphNode;
  readonly to: Link;
  readonly children?: ReactNode;
}

function TaskLine({ task, to, children }: TaskLineProps) {
  return (
    <li>
      <State look={lookOf(task)} />
      <a href={to(`/tasks/${task.number}`)}>
        <span className="tid">#{task.number}</span> <b>{task.title}</b>
      </a>
      {children}
    </li>
  );
}

interface EdgeTableProps {
  readonly tasks: readonly GraphNode[];
  readonly edges: readonly { readonly from: number; readonly to: number }[];
  readonly to: Link;
}

function EdgeTable({ tasks, edges, to }: EdgeTableProps) {
  const { before, after } = neighboursOf(
    tasks.map(({ number }) => number),
    edges,
  );
  const links = (numbers: readonly number[] | undefined) =>
    numbers === undefined || numbers.length === 0
      ? "–"
      : numbers.map((number) => (
          <a key={number} className="m" href={to(`/tasks/${number}`)}>
            #{number}{" "}
          </a>
        ));
  return (
    <section className="flat" aria-labelledby="same">
      <h2 id="same">Same graph as a table</h2>
      <div className="tw">
        <table className="ledger rows">
          <caption className="only-sr">Tasks, what each waits for and what waits for it</caption>
          <thead>
            <tr>
              <th scope="col">State</th>
              <th scope="col">Task</th>
              <th scope="col">Waits for</th>
              <th scope="col">Unblocks</th>
            </tr>
          </thead>
          <tbody>
            {tasks.map((task) => (
              <tr key={task.number} className={isOpen(task) ? undefined : "is-closed"}>
                <td>
                  <State look={lookOf(task)} />
                </td>
                <th scope="row" className="t-x">
                  <a href={to(`/tasks/${task.number}`)}>
                    <span className="tid">#{task.number}</span> <b>{task.title}</b>
                  </a>
                </th>
                <td className="wrap">
                  <span className="only-s">waits for </span>
                  {links(before.get(task.number))}
                </td>
                <td className="wrap">
                  <span className="only-s">unblocks </span>
                  {links(after.get(task.number))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
