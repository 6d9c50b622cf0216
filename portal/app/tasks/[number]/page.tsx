import type { Metadata } from "next";
import { notFound } from "next/navigation";
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

interface PageProps {
  readonly params: Promise<{ readonly number: string }>;
}

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return { title: `#${parseNumber((await params).number) ?? "?"}` };
}

export default async function Page({ params }: PageProps) {
  const context = await pageContext();
  const number = parseNumber((await params).number);
  if (number === null) notFound();
  const served = await serveView(() => readTask(number));
  if ("problem" in served) return <Outage context={context} problem={served.problem} />;
  if (served.facts === null) notFound();
  const { instance, task, claims, verifications, notes } = served.facts;
  const now = instance.server_now;
  return (
    <Frame
      context={context}
      current="board"
      instance={instance}
      path={`/tasks/${number}`}
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
      <NotesEntry notes={notes} total={task.notes} now={now} />
      <CostEntry claims={claims} />
    </Frame>
  );
}
