import type { Metadata } from "next";
import { type Hit, type SearchAnswer, type SearchProblem, searchMemory } from "../../data/search.ts";
import { serveFacts } from "../../data/serve.ts";
import { readTotals } from "../../data/totals.ts";
import { pageContext } from "../../page-context.ts";
import { Command } from "../../parts/command.tsx";
import { Empty, Entry } from "../../parts/entry.tsx";
import { Frame } from "../../parts/frame.tsx";
import { AskEntry, MAX_QUERY } from "../../parts/memory/ask.tsx";
import { Outage } from "../../parts/outage.tsx";
import { SheetTitle } from "../../parts/title.tsx";
import { taskOfHit } from "../../view/hit-visibility.ts";
import type { Link } from "../../view/links.ts";
import { plural } from "../../view/numbers.ts";
import { flowPassage } from "../../view/passage.ts";
import { type Query, readText, withQuery } from "../../view/query.ts";
import { formatDate } from "../../view/times.ts";

export const metadata: Metadata = { title: "Memory" };

export default async function Page({ searchParams }: { readonly searchParams: Promise<Query> }) {
  const context = await pageContext();
  const query = readText(await searchParams, "q", MAX_QUERY);
  const served = await serveFacts(async () => ({
    instance: await readTotals(),
    answer: query === null ? null : await searchMemory(query),
  }));
  if ("problem" in served) return <Outage context={context} problem={served.problem} />;
  const { instance, answer } = served.facts;
  return (
    <Frame
      context={context}
      current="doctor"
      instance={instance}
      path={withQuery("/memory", { q: query })}
      shape="sheet"
      railLabel="How to search"
      rail={
        <>
          <h2>How to search</h2>
          <p className="sub">
            Words find lessons and log by word and by meaning. “Exact words” in quotes must stand there; -word must not;
            tag:health keeps one tag.
          </p>
          <Command text={'bin/elk-os search "who holds the port"'} />
        </>
      }
    >
      <SheetTitle context={context} nav="doctor" current="memory" title="Memory">
        What was worth finding again: lessons and the log, each with the lines that say so.
      </SheetTitle>
      <AskEntry context={context} query={query} />
      {answer !== null && query !== null && <Answer answer={answer} query={query} to={context.to} />}
    </Frame>
  );
}

const PROBLEMS: Readonly<
  Record<SearchProblem, { readonly fact: string; readonly next: string; readonly command: string }>
> = {
  too_many: {
    fact: "Too many searches at once.",
    next: "The portal passes on a few a second for all readers together. Ask again in a moment.",
    command: "bin/elk-os search WORDS",
  },
  unconfigured: {
    fact: "This portal knows no search service.",
    next: "It was started without one. The phase machine passes its address and key.",
    command: "bin/elk-os up",
  },
  unreachable: {
    fact: "Search does not answer.",
    next: "Everything else on this site works without it. The files in memory/ and log/ hold the same text.",
    command: "bin/elk-os doctor --only RAG",
  },
  not_ours: {
    fact: "Somebody else answers on the port of search.",
    next: "It could not prove that it is ours, so nothing was asked of it and no key was sent.",
    command: "bin/elk-os doctor --only ID,RAG",
  },
  no_index: {
    fact: "Search has no index yet.",
    next: "It builds one when it starts; a large memory takes a few seconds.",
    command: "bin/elk-os rag status",
  },
  refused: {
    fact: "Search refused the question.",
    next: "Its answer was none that this portal understands; the two may be of different versions.",
    command: "bin/elk-os doctor --only RAG",
  },
};

interface AnswerProps {
  readonly answer: SearchAnswer;
  readonly query: string;
  readonly to: Link;
}

function Answer({ answer, query, to }: AnswerProps) {
  if ("problem" in answer) {
    const { fact, next, command } = PROBLEMS[answer.problem];
    return (
      <Entry title="Answer" note="none" id="answer">
        <Empty fact={fact} next={next} />
        <Command text={command} />
      </Entry>
    );
  }
  const { hits, hidden, mode, tookMs } = answer;
  return (
    <Entry
      title="Answer"
      id="answer"
      note={plural(hits.length, "passage")}
      hint={
        <>
          By {mode === "lexical" ? "words" : "words and meaning"}, in {tookMs} ms.
          {hidden > 0 && <> {plural(hidden, "passage")} may not be seen here.</>}
        </>
      }
    >
      {hits.length === 0 ? (
        <Empty fact={`Nothing is known of “${query}”.`} next="Try other words, or fewer of them." />
      ) : (
        <ol className="hits">
          {hits.map((hit) => (
            <Passage key={hit.citation} hit={hit} to={to} />
          ))}
        </ol>
      )}
    </Entry>
  );
}

function Passage({ hit, to }: { readonly hit: Hit; readonly to: Link }) {
  const task = taskOfHit(hit);
  return (
    <li className={hit.superseded_by === null ? undefined : "is-old"}>
      <h3>{task === null ? hit.title : <a href={to(`/tasks/${task}`)}>{hit.title}</a>}</h3>
      <p className="cite">
        <span className="m">{hit.citation}</span>
        <span className="m">score {hit.score.toFixed(2)}</span>
        {hit.at !== null && <time dateTime={hit.at.toISOString()}>{formatDate(hit.at)}</time>}
        {hit.superseded_by !== null && <span>replaced by {hit.superseded_by}</span>}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a passage that scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{flowPassage(hit.text)}</pre>
    </li>
  );
}
