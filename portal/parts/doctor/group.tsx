import type { DoctorCheck } from "../../data/doctor-report.ts";
import { isPublic } from "../../env.ts";
import { VERDICT_LOOKS, type Verdict } from "../../view/doctor.ts";
import { formatDuration, secondsBetween } from "../../view/times.ts";
import { Command } from "../command.tsx";
import { Entry } from "../entry.tsx";
import { State } from "../glyph.tsx";
import { Tick } from "../tick.tsx";

export interface DoctorGroupProps {
  readonly title: string;
  readonly checks: readonly (DoctorCheck & { readonly verdict: Verdict })[];
  readonly now: Date;
}

/** Checks of one part of the stack: verdict, what it proves, what was seen, and how old that is. */
export function DoctorGroup({ title, checks, now }: DoctorGroupProps) {
  const green = checks.filter(({ verdict }) => verdict === "green").length;
  return (
    <Entry title={title} note={`${green} of ${checks.length}`} id={`g-${title.toLowerCase()}`}>
      <ul className="dx">
        {checks.map((check) => (
          <Row key={check.id} check={check} now={now} />
        ))}
      </ul>
    </Entry>
  );
}

function Row({ check, now }: { readonly check: DoctorGroupProps["checks"][number]; readonly now: Date }) {
  const { verdict } = check;
  const age = secondsBetween(check.at, now);
  return (
    <li id={check.id} className={`d-${verdict}`}>
      <div className="d-r">
        <span>
          <State look={VERDICT_LOOKS[verdict]} />
        </span>
        <span className="d-n">
          <b>{check.title}</b>
          <code>{check.id}</code>
        </span>
        <span className="m d-e">{check.evidence}</span>
        <span className="d-t">
          <Life part={age / check.ttl_s} />
          <span className="m">
            <Tick since={check.at} now={now} /> <i className="soft">of {formatDuration(check.ttl_s)}</i>
          </span>
        </span>
      </div>
      {verdict === "expired" && (
        <div className="fix u">
          <p>
            It was green{" "}
            <span className="m">
              <Tick since={check.at} now={now} />
            </span>{" "}
            ago. That is older than its <span className="m">{formatDuration(check.ttl_s)}</span>, so it counts as
            unknown until it runs again.
          </p>
          <Command text={`bin/elk-os doctor --only ${check.id}`} />
        </div>
      )}
      {(verdict === "red" || verdict === "warning") && !isPublic() && <Fix check={check} />}
    </li>
  );
}

function Fix({ check }: { readonly check: DoctorCheck }) {
  return (
    <div className="fix">
      {check.expected !== null && (
        <p>
          Expected <code>{check.expected}</code>
        </p>
      )}
      {check.actual !== null && (
        <p>
          Found <code>{check.actual}</code>
        </p>
      )}
      <p className="fx">{check.fix ?? "No repair is known; the evidence says what was seen."}</p>
    </div>
  );
}

/** How much of its time to live a finding has used; dotted once it is over. */
function Life({ part }: { readonly part: number }) {
  return (
    <svg className="ttl" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      {part > 1 ? (
        <line x1={0} x2={100} y1={3} y2={3} />
      ) : (
        <>
          <rect className="tb" width={100} height={6} />
          <rect className="tf" width={Math.max(1, Math.round(100 * part))} height={6} />
        </>
      )}
    </svg>
  );
}
