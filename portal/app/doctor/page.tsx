import type { Metadata } from "next";
import { readDoctorReport } from "../../data/doctor.ts";
import { serveView } from "../../data/serve.ts";
import { readTotals } from "../../data/totals.ts";
import { pageContext } from "../../page-context.ts";
import { Command } from "../../parts/command.tsx";
import { DoctorGroup } from "../../parts/doctor/group.tsx";
import { Empty, Entry } from "../../parts/entry.tsx";
import { FactList } from "../../parts/facts.tsx";
import { Frame } from "../../parts/frame.tsx";
import { Tabs } from "../../parts/nav.tsx";
import { Outage } from "../../parts/outage.tsx";
import { countVerdicts, groupOf, verdictOf } from "../../view/doctor.ts";
import { plural } from "../../view/numbers.ts";
import { formatClock, formatDate } from "../../view/times.ts";

export const metadata: Metadata = { title: "Doctor" };

export default async function Page() {
  const context = await pageContext();
  const served = await serveView(readTotals);
  if ("problem" in served) return <Outage context={context} problem={served.problem} />;
  const instance = served.facts;
  const now = instance.server_now;
  const report = await readDoctorReport(now);
  const checks = (report?.checks ?? []).map((check) => ({ ...check, verdict: verdictOf(check, now) }));
  const counts = countVerdicts(checks.map(({ verdict }) => verdict));
  const groups = [...Map.groupBy(checks, ({ id }) => groupOf(id)).entries()];
  return (
    <Frame
      context={context}
      current="doctor"
      instance={instance}
      path="/doctor"
      shape="sheet"
      railLabel="Doctor totals"
      rail={
        <>
          <h2>Checks</h2>
          <FactList
            facts={[
              { name: "Green", value: counts.green },
              { name: "Red", value: counts.red },
              { name: "Warnings", value: counts.warning },
              { name: "Expired", value: counts.expired },
              { name: "Limits, skipped", value: counts.other },
              { name: "All", value: counts.all, isTotal: true },
            ]}
          />
          <p className="sub">An expired green is never counted as green.</p>
          <Command text="bin/elk-os doctor" />
        </>
      }
    >
      <section className="entry say">
        <div className="marg">
          {report !== null && (
            <p className="m date">
              Last run <br />
              {formatDate(report.at)} <br />
              {formatClock(report.at)} UTC
            </p>
          )}
        </div>
        <div className="body">
          <h1 className="voice">
            {report === null ? (
              whyNoReport(context.at !== null)
            ) : (
              <>
                <span className="n-done">
                  {counts.green} of {counts.all}
                </span>{" "}
                checks are green.
                {counts.red > 0 && (
                  <>
                    {" "}
                    <span className="n-red">{counts.red}</span> {counts.red === 1 ? "is" : "are"} red.
                  </>
                )}
                {counts.expired > 0 && (
                  <>
                    {" "}
                    <span className="n-cold">{plural(counts.expired, "green")}</span>{" "}
                    {counts.expired === 1 ? "is" : "are"} too old to count.
                  </>
                )}
              </>
            )}
          </h1>
          <Tabs context={context} nav="doctor" current="doctor" />
        </div>
      </section>
      {groups.length === 0 ? (
        <Entry title="Checks">
          <Empty
            fact="There is no report to show."
            next="Doctor leaves one each time it runs; the portal runs no check itself."
          />
        </Entry>
      ) : (
        groups.map(([group, rows]) => <DoctorGroup key={group} title={group} checks={rows} now={now} />)
      )}
    </Frame>
  );
}

function whyNoReport(isReplay: boolean): string {
  return isReplay ? "Doctor's report of that time was not kept." : "Nobody has asked doctor yet.";
}
