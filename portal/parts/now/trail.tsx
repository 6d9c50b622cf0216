import type { PhaseStep } from "../../data/phase-steps.ts";
import type { Link } from "../../view/links.ts";
import { formatCount } from "../../view/numbers.ts";
import { formatMoment } from "../../view/times.ts";
import { Entry } from "../entry.tsx";

export interface TrailEntriesProps {
  readonly phases: readonly PhaseStep[];
  readonly now: Date;
  readonly to: Link;
}

/** One trail per active project: each step a phase, built upward, filled by its verified tasks. */
export function TrailEntries({ phases, now, to }: TrailEntriesProps) {
  const byProject = Map.groupBy(phases, ({ project }) => project);
  return [...byProject.entries()].map(([project, steps]) => {
    const verified = steps.filter(({ status }) => status === "verified").length;
    const name = byProject.size === 1 ? "Trail" : `Trail: ${steps[0]?.project_name ?? project}`;
    return (
      <Entry
        key={project}
        title={name}
        note={`${verified} of ${steps.length} phases`}
        hint="A step fills as its tasks are verified."
      >
        <ol className="trail">
          {steps.map((step, at) => (
            <Step key={step.key} step={step} rise={Math.min(at, MAX_RISE)} now={now} to={to} />
          ))}
        </ol>
      </Entry>
    );
  });
}

/** frame.css knows as many heights. */
const MAX_RISE = 11;

interface StepProps {
  readonly step: PhaseStep;
  readonly rise: number;
  readonly now: Date;
  readonly to: Link;
}

function Step({ step, rise, now, to }: StepProps) {
  const { tasks_done: done, key } = step;
  const all = done + step.tasks_open;
  const filled = all === 0 ? 0 : (100 * done) / all;
  const look = step.status === "verified" ? "is-full" : done === 0 && step.status === "planned" ? "is-none" : "is-part";
  const height = step.status === "verified" ? 100 : filled;
  return (
    <li className={`step s${rise} ${look}`}>
      <div className="riser">
        <svg viewBox="0 0 10 100" preserveAspectRatio="none" aria-hidden="true">
          <rect className="r-bg" width="10" height="100" />
          <rect className="r-fill" y={100 - height} width="10" height={height} />
        </svg>
        <span className="m r-p">{key}</span>
      </div>
      <div className="tread">
        <a href={to(`/board?phase=${encodeURIComponent(key)}`)}>{step.name}</a>
        <span className="m">
          {formatCount(done)} of {formatCount(all)}
        </span>
        <span className="sub">{phaseWords(step, now)}</span>
      </div>
    </li>
  );
}

function phaseWords({ status, verified_at, tasks_done }: PhaseStep, now: Date): string {
  if (status === "verified") return verified_at === null ? "verified" : `verified ${formatMoment(verified_at, now)}`;
  return status === "active" || tasks_done > 0 ? "in progress" : "not started";
}
