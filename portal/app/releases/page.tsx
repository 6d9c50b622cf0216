import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { readReleases } from "../../data/releases.ts";
import { serveView } from "../../data/serve.ts";
import { pageContext } from "../../page-context.ts";
import { Empty, Entry } from "../../parts/entry.tsx";
import { FactList } from "../../parts/facts.tsx";
import { Frame } from "../../parts/frame.tsx";
import { State } from "../../parts/glyph.tsx";
import { Moment } from "../../parts/moment.tsx";
import { Outage } from "../../parts/outage.tsx";
import { SheetTitle } from "../../parts/title.tsx";
import { hasFeature } from "../../profile.ts";
import { plural, shortCommit } from "../../view/numbers.ts";
import { releaseLook } from "../../view/states.ts";

export const metadata: Metadata = { title: "Releases" };

export default async function Page() {
  const context = await pageContext();
  if (!hasFeature(context.profile, "releases")) notFound();
  const served = await serveView(readReleases);
  if ("problem" in served) return <Outage context={context} problem={served.problem} />;
  const { instance, releases } = served.facts;
  const { to } = context;
  const byRepository = [...Map.groupBy(releases, ({ repository }) => repository).entries()];
  return (
    <Frame
      context={context}
      current="receipts"
      instance={instance}
      path="/releases"
      shape="sheet"
      railLabel="Release totals"
      rail={
        <>
          <h2>Releases</h2>
          <FactList
            facts={[
              ...byRepository.map(([repository, rows]) => ({ name: repository, value: rows.length })),
              { name: "All", value: releases.length, isTotal: true },
            ]}
          />
        </>
      }
    >
      <SheetTitle context={context} nav="receipts" current="releases" title="Releases">
        What left the house: from which commit, when, and which verified tasks went into it.
      </SheetTitle>
      {byRepository.length === 0 && (
        <Entry title="Releases">
          <Empty fact="Nothing is released or planned." next="A steward adds a release to a repository." />
        </Entry>
      )}
      {byRepository.map(([repository, rows]) => (
        <Entry key={repository} title={repository} note={plural(rows.length, "release")} hint="Newest first.">
          <ul className="rcp rel">
            {rows.map((release) => (
              <li key={release.version}>
                <span className="r-st">
                  <State look={releaseLook(release.status)} />
                </span>
                <span className="tid">{release.version}</span>
                <span className="r-x">
                  <a href={to(`/releases/${encodeURIComponent(repository)}/${encodeURIComponent(release.version)}`)}>
                    <b>{release.name ?? release.version}</b>
                  </a>
                  {release.notes !== null && <span className="soft">{release.notes}</span>}
                </span>
                <span className="r-by m">{release.commit_sha === null ? "" : shortCommit(release.commit_sha)}</span>
                {release.released_at === null ? (
                  <span className="soft">not yet</span>
                ) : (
                  <Moment at={release.released_at} now={instance.server_now} />
                )}
              </li>
            ))}
          </ul>
        </Entry>
      ))}
    </Frame>
  );
}
