import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { readRelease } from "../../../../data/releases.ts";
import { serveView } from "../../../../data/serve.ts";
import { pageContext } from "../../../../page-context.ts";
import { Commit } from "../../../../parts/commit.tsx";
import { Empty, Entry } from "../../../../parts/entry.tsx";
import { FactList } from "../../../../parts/facts.tsx";
import { Frame } from "../../../../parts/frame.tsx";
import { State } from "../../../../parts/glyph.tsx";
import { Moment } from "../../../../parts/moment.tsx";
import { Outage } from "../../../../parts/outage.tsx";
import { TextEntry } from "../../../../parts/task/text.tsx";
import { hasFeature } from "../../../../profile.ts";
import { receiptRef } from "../../../../view/links.ts";
import { plural } from "../../../../view/numbers.ts";
import { releaseLook } from "../../../../view/states.ts";

interface PageProps {
  readonly params: Promise<{ readonly repository: string; readonly version: string }>;
}

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  const { repository, version } = await params;
  return { title: `${decodeURIComponent(repository)} ${decodeURIComponent(version)}` };
}

export default async function Page({ params }: PageProps) {
  const context = await pageContext();
  if (!hasFeature(context.profile, "releases")) notFound();
  const asked = await params;
  const repository = decodeURIComponent(asked.repository);
  const version = decodeURIComponent(asked.version);
  const served = await serveView(() => readRelease(repository, version));
  if ("problem" in served) return <Outage context={context} problem={served.problem} />;
  if (served.facts === null) notFound();
  const { instance, release, tasks } = served.facts;
  const now = instance.server_now;
  const { to } = context;
  return (
    <Frame
      context={context}
      current="receipts"
      instance={instance}
      path={`/releases/${asked.repository}/${asked.version}`}
      shape="sheet"
      railLabel="Release facts"
      rail={
        <>
          <h2>Release</h2>
          <FactList
            facts={[
              { name: "State", value: release.status },
              { name: "Repository", value: repository },
              ...(release.project === null ? [] : [{ name: "Project", value: release.project }]),
              ...(release.commit_sha === null
                ? []
                : [
                    {
                      name: "Commit",
                      value: <Commit commit={release.commit_sha} repository={release.repository_url} />,
                    },
                  ]),
              ...(release.released_at === null
                ? []
                : [{ name: "Released", value: <Moment at={release.released_at} now={now} /> }]),
            ]}
          />
        </>
      }
    >
      <section className="entry say plain">
        <div className="marg">
          <p className="m date">
            {repository} <br />
            {version}
          </p>
        </div>
        <div className="body">
          <h1 className="voice v28">{release.name ?? version}</h1>
          <p className="sub16">
            <State look={releaseLook(release.status)} />
          </p>
        </div>
      </section>
      <TextEntry title="Notes" text={release.notes} />
      <Entry title="What went in" note={plural(tasks.length, "task")} hint="Verified since the release before.">
        {tasks.length === 0 ? (
          <Empty
            fact={
              release.released_at === null
                ? "It is not released yet."
                : "No task of its project was verified between the release before and this one."
            }
          />
        ) : (
          <ul className="rcp rel">
            {tasks.map((task) => (
              <li key={task.number}>
                <span className="r-st">
                  <State look={{ glyph: "verified", tone: "verified", word: "verified" }} />
                </span>
                <span className="tid">#{task.number}</span>
                <span className="r-x">
                  <a href={to(`/tasks/${task.number}`)}>
                    <b>{task.title}</b>
                  </a>
                </span>
                <span className="r-by m">
                  {task.receipt !== null && <a href={to(`/receipts/${task.receipt}`)}>{receiptRef(task.receipt)}</a>}
                </span>
                {task.done_at === null ? <span /> : <Moment at={task.done_at} now={now} />}
              </li>
            ))}
          </ul>
        )}
      </Entry>
    </Frame>
  );
}
