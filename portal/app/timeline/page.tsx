import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { serveView } from "../../data/serve.ts";
import { readTimeline } from "../../data/timeline.ts";
import { pageContext } from "../../page-context.ts";
import { Empty } from "../../parts/entry.tsx";
import { FacetMenu } from "../../parts/facet-menu.tsx";
import { FactStrip } from "../../parts/facts.tsx";
import { Frame } from "../../parts/frame.tsx";
import { Glyph } from "../../parts/glyph.tsx";
import { Outage } from "../../parts/outage.tsx";
import { TimelineSvg } from "../../parts/timeline/picture.tsx";
import { ClaimTable } from "../../parts/timeline/table.tsx";
import { WideTitle } from "../../parts/title.tsx";
import { hasFeature } from "../../profile.ts";
import { plural } from "../../view/numbers.ts";
import { type Query, readText, readWord, withQuery } from "../../view/query.ts";
import type { StateLook } from "../../view/states.ts";
import { type Bar, timelinePicture } from "../../view/timeline.ts";
import { claimFacts, logFacts } from "../../view/totals.ts";

export const metadata: Metadata = { title: "Timeline" };

const RANGES = ["1h", "6h", "24h", "all"] as const;
const SECONDS: Readonly<Record<(typeof RANGES)[number], number | null>> = {
  "1h": 3_600,
  "6h": 21_600,
  "24h": 86_400,
  all: null,
};
const GAPS = ["compressed", "shown"] as const;

const LEGEND: readonly StateLook[] = [
  { glyph: "verified", tone: "verified", word: "accepted" },
  { glyph: "arrow", tone: "ink", word: "submitted" },
  { glyph: "review", tone: "review", word: "judged" },
  { glyph: "failed", tone: "failed", word: "sent back" },
  { glyph: "ready", tone: "ready", word: "released" },
  { glyph: "cold", tone: "cold", word: "expired" },
];

export default async function Page({ searchParams }: { readonly searchParams: Promise<Query> }) {
  const context = await pageContext();
  if (!hasFeature(context.profile, "timeline")) notFound();
  const query = await searchParams;
  const range = readWord(query, "range", RANGES, "6h");
  const gaps = readWord(query, "gaps", GAPS, "compressed");
  const phase = readText(query, "phase");
  const served = await serveView(() => readTimeline(SECONDS[range], phase));
  if ("problem" in served) return <Outage context={context} problem={served.problem} />;
  const { instance, claims, signs, held, facets, isCut } = served.facts;
  const now = instance.server_now;
  const { to } = context;
  const href = (change: Readonly<Record<string, string | null>>) =>
    withQuery("/timeline", {
      range: range === "6h" ? null : range,
      gaps: gaps === "shown" ? gaps : null,
      phase,
      ...change,
    });
  const seconds = SECONDS[range];
  const since = seconds === null ? new Date(0) : new Date(now.getTime() - seconds * 1000);
  const picture = timelinePicture(claims, signs, { now, since, isCompressed: gaps === "compressed" });
  return (
    <Frame context={context} current="timeline" instance={instance} path={href({})} shape="wide">
      <WideTitle context={context} nav="timeline" current="timeline" title="Timeline">
        <nav className="tabs" aria-label="Range">
          <ul>
            {RANGES.map((choice) => (
              <li key={choice}>
                <a href={to(href({ range: choice }))} aria-current={choice === range ? "true" : undefined}>
                  {choice}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <div className="facets">
          <FacetMenu
            word="Phase"
            chosen={phase}
            choices={facets.filter(({ facet }) => facet === "phase")}
            href={(value) => to(href({ phase: value }))}
          />
          <FacetMenu
            word="Idle gaps"
            chosen={gaps}
            choices={GAPS.map((value) => ({ value }))}
            href={(value) => to(href({ gaps: value }))}
            isRequired
          />
        </div>
        <p className="showing soft">
          {plural(claims.length, "claim")}, {plural(picture.lanes.length, "agent")}
          {isCut && ", the newest"}
        </p>
      </WideTitle>
      <FactStrip facts={[...logFacts(instance).slice(0, 1), ...claimFacts(held), ...logFacts(instance).slice(2)]} />
      {claims.length === 0 ? (
        <Empty
          fact={
            phase === null
              ? `No claim was held in this stretch.`
              : `No claim of phase ${phase} was held in this stretch.`
          }
          next={<a href={to("/timeline?range=all")}>Everything since the beginning</a>}
        />
      ) : (
        <>
          <div className="tlx">
            <ul className="tl-lab" aria-label="Agents">
              {picture.lanes.map(({ agent, family, rows, bars }) => (
                <li key={agent} className={`rows-${Math.min(rows, 8)}`}>
                  <span className="m">{agent}</span> <span className="m soft">{family}</span>
                  <span className="tl-does">{deeds(bars)}</span>
                </li>
              ))}
            </ul>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
            <section className="tl-scroll" tabIndex={0} aria-label="Timeline, scrolls sideways">
              <div className="tl-in">
                <TimelineSvg picture={picture} now={now} to={to} />
                <svg className="tl-open" width={Math.round(picture.nowX)} height={1} aria-hidden="true" />
              </div>
            </section>
          </div>
          <Legend />
          <section className="flat" aria-labelledby="same">
            <h2 id="same">Same claims as a table</h2>
            <ClaimTable claims={claims} now={now} to={to} />
          </section>
        </>
      )}
    </Frame>
  );
}

/** What a lane's holder does now: "works #55, reviews #49"; nothing when idle. */
function deeds(bars: readonly Bar[]): string {
  return bars
    .filter(({ claim }) => claim.ended_at === null)
    .map(({ claim }) => `${claim.kind === "review" ? "reviews" : "works"} #${claim.task}`)
    .join(", ");
}

function Legend() {
  return (
    <ul className="legend" aria-label="Legend">
      {LEGEND.map(({ glyph, tone, word }) => (
        <li key={word}>
          <span className={`st-${tone}`}>
            <Glyph name={glyph} />
          </span>{" "}
          {word}
        </li>
      ))}
      <li>dotted: idle</li>
      <li>hatched: silence</li>
      <li>ticks: writes and notes</li>
      <li>dot: last heartbeat; earlier ones are not kept</li>
      <li>dashed edge: taken over</li>
      <li>right of now: lease left</li>
    </ul>
  );
}
