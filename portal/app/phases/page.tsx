import type { Metadata } from "next";
import { type PhasesFacts, readPhases } from "../../data/phases.ts";
import { serveView } from "../../data/serve.ts";
import { pageContext } from "../../page-context.ts";
import { Empty, Entry } from "../../parts/entry.tsx";
import { FactList } from "../../parts/facts.tsx";
import { Frame } from "../../parts/frame.tsx";
import { State } from "../../parts/glyph.tsx";
import { Moment } from "../../parts/moment.tsx";
import { TrailEntries } from "../../parts/now/trail.tsx";
import { Outage } from "../../parts/outage.tsx";
import { SheetTitle } from "../../parts/title.tsx";
import { phaseAnchor } from "../../view/anchors.ts";
import { burnLines, stepPath } from "../../view/burn.ts";
import type { Link } from "../../view/links.ts";
import { formatCount } from "../../view/numbers.ts";
import type { StateLook } from "../../view/states.ts";
import { formatClock, formatDate } from "../../view/times.ts";

export const metadata: Metadata = { title: "Phases" };

const LOOKS: Readonly<Record<"planned" | "active" | "verified", StateLook>> = {
  planned: { glyph: "ready", tone: "ready", word: "planned" },
  active: { glyph: "held", tone: "ink", word: "active" },
  verified: { glyph: "verified", tone: "verified", word: "verified" },
};

export default async function Page() {
  const context = await pageContext();
  const served = await serveView(readPhases);
  if ("problem" in served) return <Outage context={context} problem={served.problem} />;
  const { instance, phases } = served.facts;
  const verified = phases.filter(({ status }) => status === "verified").length;
  return (
    <Frame
      context={context}
      current="receipts"
      instance={instance}
      path="/phases"
      shape="sheet"
      railLabel="Phase totals"
      rail={
        <>
          <h2>Trail</h2>
          <FactList
            facts={[
              { name: "Phases", value: phases.length },
              { name: "Verified", value: verified },
              {
                name: "Tasks verified",
                value: `${formatCount(instance.tasks_done)} of ${formatCount(instance.tasks_done + instance.tasks_open)}`,
                isTotal: true,
              },
            ]}
          />
        </>
      }
    >
      <SheetTitle context={context} nav="receipts" current="phases" title="Phases">
        Each step is a phase. It fills as its tasks are verified, and counts only when somebody other than the author
        has proven each of them.
      </SheetTitle>
      {phases.length === 0 ? (
        <Entry title="Trail">
          <Empty fact="No phase is planned." next="A steward adds phases to a project; the profile seeds some." />
        </Entry>
      ) : (
        <>
          <TrailEntries phases={phases} now={instance.server_now} to={context.to} />
          <BurnEntry facts={served.facts} />
          <TableEntry facts={served.facts} to={context.to} />
        </>
      )}
    </Frame>
  );
}

const WIDTH = 720;
const HEIGHT = 132;

function BurnEntry({ facts: { burn, span } }: { readonly facts: PhasesFacts }) {
  if (span === null) return null;
  const { created, verified } = burnLines(burn);
  const most = created.at(-1) ?? 0;
  const done = verified.at(-1) ?? 0;
  const path = stepPath(verified, most, WIDTH, HEIGHT);
  return (
    <Entry title="Burn-up" note={`${done} of ${most}`} hint="Dotted: tasks that exist. Line: verified.">
      <svg className="burn" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img">
        <title>{`${done} of ${most} tasks verified between ${formatDate(span.from)} and ${formatDate(span.to)}`}</title>
        <path className="fillp" d={`${path}V${HEIGHT}H0Z`} />
        <path className="all" d={stepPath(created, most, WIDTH, HEIGHT)} />
        <path d={path} />
      </svg>
      <p className="burn-x m">
        <span>
          {formatDate(span.from)} {formatClock(span.from).slice(0, 5)}
        </span>
        <span>
          {formatDate(span.to)} {formatClock(span.to).slice(0, 5)}
        </span>
      </p>
    </Entry>
  );
}

function TableEntry({ facts: { phases, instance }, to }: { readonly facts: PhasesFacts; readonly to: Link }) {
  return (
    <Entry title="Phases" note={String(phases.length)} hint="In building order.">
      <div className="tw">
        <table className="ledger rows">
          <caption className="only-sr">Phases in building order</caption>
          <thead>
            <tr>
              <th scope="col">Phase</th>
              <th scope="col">State</th>
              <th scope="col" className="r">
                Verified
              </th>
              <th scope="col" className="r">
                Open
              </th>
              <th scope="col" className="r">
                Since
              </th>
            </tr>
          </thead>
          <tbody>
            {phases.map((phase) => (
              <tr key={`${phase.project} ${phase.key}`} id={phaseAnchor(phase)}>
                <th scope="row" className="t-x">
                  <a href={to(`/list?phase=${encodeURIComponent(phase.key)}`)}>
                    <span className="m soft">{phase.key}</span> <b>{phase.name}</b>
                  </a>
                  <span className="sub"> {phase.project_name}</span>
                </th>
                <td>
                  <State look={LOOKS[phase.status]} />
                </td>
                <td className="m r">
                  <a href={`#${phaseAnchor(phase)}`}>
                    <span className="only-sr">Link to this phase, verified </span>
                    {formatCount(phase.tasks_done)} of {formatCount(phase.tasks_done + phase.tasks_open)}
                  </a>
                </td>
                <td className="m r">
                  <span className="only-s">open </span>
                  {formatCount(phase.tasks_open)}
                </td>
                <td className="r">
                  {phase.verified_at === null ? "–" : <Moment at={phase.verified_at} now={instance.server_now} />}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Entry>
  );
}
