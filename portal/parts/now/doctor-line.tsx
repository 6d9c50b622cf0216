import type { DoctorReport } from "../../data/doctor-report.ts";
import { isPublic } from "../../env.ts";
import { countVerdicts, VERDICT_LOOKS, type Verdict, verdictOf } from "../../view/doctor.ts";
import type { Link } from "../../view/links.ts";
import { plural } from "../../view/numbers.ts";
import { formatClock, formatDuration } from "../../view/times.ts";
import { Empty, Entry } from "../entry.tsx";
import { Glyph, State } from "../glyph.tsx";

export interface DoctorEntryProps {
  /** Null: doctor has left none, or none of the shown instant. */
  readonly report: DoctorReport | null;
  readonly now: Date;
  readonly to: Link;
}

/** How many that are not green are named here; the page of doctor names all. */
const NAMED = 3;
const NOT_WELL: readonly Verdict[] = ["red", "warning"];

/** Is the machinery well? Each check is one glyph; what is not well is named. */
export function DoctorEntry({ report, now, to }: DoctorEntryProps) {
  if (report === null) {
    return (
      <Entry title="Doctor" note="no report" id="doctor">
        <Empty fact="Nobody has asked doctor." next="It leaves a report each time it runs." />
      </Entry>
    );
  }
  const checks = report.checks.map((check) => ({ ...check, verdict: verdictOf(check, now) }));
  const counts = countVerdicts(checks.map(({ verdict }) => verdict));
  // Where the machinery is weak is nothing for strangers; how much of it is, is.
  const bad = isPublic() ? [] : checks.filter(({ verdict }) => NOT_WELL.includes(verdict));
  const words = [
    ...(counts.red > 0 ? [`${counts.red} red`] : []),
    ...(counts.warning > 0 ? [plural(counts.warning, "warning")] : []),
    ...(counts.expired > 0 ? [`${counts.expired} expired`] : []),
  ].join(", ");
  return (
    <Entry title="Doctor" note={plural(counts.all, "check")} id="doctor">
      <div className="docline">
        <p className="lead">
          <a href={to("/doctor")}>
            <span className="m">{counts.green}</span> green{words === "" ? "" : `, ${words}`}
          </a>
          <span className="soft">
            . Last run <span className="m">{formatClock(report.at)}</span>, took{" "}
            <span className="m">{formatDuration(report.took_ms / 1000)}</span>.
          </span>
        </p>
        <p
          className="cells"
          role="img"
          aria-label={`${plural(counts.all, "check")}: ${counts.green} green${words === "" ? "" : `, ${words}`}`}
        >
          {checks.map(({ id, verdict }) => (
            <span key={id} className={`st-${VERDICT_LOOKS[verdict].tone}`}>
              <Glyph name={VERDICT_LOOKS[verdict].glyph} />
            </span>
          ))}
        </p>
        {bad.slice(0, NAMED).map(({ id, title, evidence, verdict }) => (
          <p key={id}>
            <State look={VERDICT_LOOKS[verdict]} /> <b>{title}</b> <span className="soft">{evidence}</span>{" "}
            <a href={to(`/doctor#${id}`)}>
              {id} <Glyph name="arrow" />
            </a>
          </p>
        ))}
      </div>
    </Entry>
  );
}
