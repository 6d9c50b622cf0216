import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { serveView } from "../../../data/serve.ts";
import { readTask } from "../../../data/task.ts";
import { pageContext } from "../../../page-context.ts";
import { Frame } from "../../../parts/frame.tsx";
import { Outage } from "../../../parts/outage.tsx";
import { AcceptanceEntry } from "../../../parts/task/acceptance.tsx";
import { ClaimEntry } from "../../../parts/task/claim.tsx";
import { CostEntry } from "../../../parts/task/cost.tsx";
import { HistoryEntry } from "../../../parts/task/history.tsx";
import { NotesEntry } from "../../../parts/task/notes.tsx";
import { TaskRail } from "../../../parts/task/rail.tsx";
import { TextEntry } from "../../../parts/task/text.tsx";
import { VerificationEntry } from "../../../parts/task/verification.tsx";
import { parseNumber } from "../../../view/links.ts";
import { type Query, readCount, withQuery } from "../../../view/query.ts";
import { taskLook } from "../../../view/states.ts";

interface PageProps {
  readonly params: Promise<{ readonly number: string }>;
  readonly searchParams: Promise<Query>;
}

const MAX_NOTES_PAGE = 10_000;
/** Page of the notes, newest first, from 1. */
const notesPageOf = (query: Query) => readCount(query, "notes", MAX_NOTES_PAGE) ?? 1;
const pathOf = (number: number, notes: number) => withQuery(`/tasks/${number}`, { notes: notes === 1 ? null : notes });

/** Once for a request: the head of the page and its body are of one reading. */
const serveTask = cache((number: number, notesPage: number) => serveView(() => readTask(number, notesPage)));

/** A tab, a bookmark and a link that is passed on say which task it is. */
export async function generateMetadata({ params, searchParams }: PageProps): Promise<Metadata> {
  const number = parseNumber((await params).number);
  if (number === null) return { title: "Task" };
  const served = await serveTask(number, notesPageOf(await searchParams));
  if ("problem" in served || served.facts === null) return { title: `#${number}` };
  const { title, status, project_name: project } = served.facts.task;
  return {
    title: `#${number} ${title}`,
    description: `Task #${number} of ${project}, ${taskLook(status).word}: ${title}`,
  };
}

export default async function Page({ params, searchParams }: PageProps) {
  const context = await pageContext();
  const number = parseNumber((await params).number);
  if (number === null) notFound();
  const notesPage = notesPageOf(await searchParams);
  const served = await serveTask(number, notesPage);
  if ("problem" in served) return <Outage context={context} problem={served.problem} />;
  if (served.facts === null) notFound();
  const { instance, task, claims, verifications, notes } = served.facts;
  const now = instance.server_now;
  return (
    <Frame
      context={context}
      current="board"
      instance={instance}
      path={pathOf(number, notesPage)}
      shape="sheet"
      railLabel="Task facts"
      rail={<TaskRail facts={served.facts} now={now} to={context.to} />}
    >
      <section className="entry say plain task-say">
        <div className="marg">
          <p className="m date">
            Task <br />#{number}
          </p>
        </div>
        <div className="body">
          <h1 className="voice v28">{task.title}</h1>
        </div>
      </section>
      <ClaimEntry task={task} now={now} />
      <TextEntry title="Description" text={task.description} />
      <AcceptanceEntry task={task} />
      <HistoryEntry task={task} claims={claims} now={now} />
      <VerificationEntry task={task} verifications={verifications} now={now} />
      <TextEntry title="Closing note" text={task.closing_note} />
      <NotesEntry
        notes={notes}
        total={task.notes}
        page={notesPage}
        href={(page) => `${context.to(pathOf(number, page))}#notes`}
        now={now}
      />
      <CostEntry claims={claims} />
    </Frame>
  );
}
