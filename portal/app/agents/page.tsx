import type { Metadata } from "next";
import { type Agent, readFleet } from "../../data/agents.ts";
import { serveView } from "../../data/serve.ts";
import { pageContext } from "../../page-context.ts";
import { Empty, Entry } from "../../parts/entry.tsx";
import { FactList } from "../../parts/facts.tsx";
import { Frame } from "../../parts/frame.tsx";
import { Outage } from "../../parts/outage.tsx";
import { Roster } from "../../parts/roster.tsx";
import { SheetTitle } from "../../parts/title.tsx";
import { tokensOf } from "../../view/cost.ts";
import { formatCount, plural } from "../../view/numbers.ts";
import { claimFacts } from "../../view/totals.ts";

export const metadata: Metadata = { title: "Agents" };

export default async function Page() {
  const context = await pageContext();
  const served = await serveView(readFleet);
  if ("problem" in served) return <Outage context={context} problem={served.problem} />;
  const { instance, held, agents } = served.facts;
  const sum = (of: (agent: Agent) => number) => formatCount(agents.reduce((total, agent) => total + of(agent), 0));
  const tokens = agents.flatMap((agent) => tokensOf(agent) ?? []);
  const families = new Set(agents.map(({ model_family }) => model_family)).size;
  return (
    <Frame
      context={context}
      current="agents"
      instance={instance}
      path="/agents"
      shape="sheet"
      railLabel="Fleet totals"
      rail={
        <>
          <h2>Fleet</h2>
          <FactList
            facts={[
              { name: "Submitted", value: sum((agent) => agent.tasks_submitted) },
              { name: "Accepted", value: sum((agent) => agent.tasks_accepted) },
              { name: "Sent back", value: sum((agent) => agent.tasks_reworked) },
              { name: "Verdicts", value: sum((agent) => agent.verdicts) },
              ...(tokens.length === 0
                ? []
                : [{ name: "Tokens", value: formatCount(tokens.reduce((a, b) => a + b)), isTotal: true }]),
            ]}
          />
          <h2>Claims</h2>
          <FactList facts={claimFacts(held)} />
        </>
      }
    >
      <SheetTitle context={context} nav="agents" current="agents" title="Agents">
        Who may claim work here, what each holds now, and what became of what they did. A verifier must be of another
        family where the risk is medium or high.
      </SheetTitle>
      <Entry title="Roster" note={`${plural(agents.length, "agent")}, ${plural(families, "family", "families")}`}>
        {agents.length === 0 ? (
          <Empty fact="No agent is known yet." next="bin/elk-os agent add makes one, with its own token." />
        ) : (
          <Roster agents={agents} now={instance.server_now} to={context.to} />
        )}
      </Entry>
    </Frame>
  );
}
