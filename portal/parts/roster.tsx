import type { Agent } from "../data/agents.ts";
import type { Lease } from "../data/leases.ts";
import { agentAnchor } from "../view/anchors.ts";
import { tokensOf } from "../view/cost.ts";
import { isAlive } from "../view/ember.ts";
import type { Link } from "../view/links.ts";
import { formatCount } from "../view/numbers.ts";
import { ClaimState } from "./claim-state.tsx";
import { EmberPicture } from "./ember.tsx";
import { Tick } from "./tick.tsx";

export interface RosterProps {
  readonly agents: readonly Agent[];
  readonly now: Date;
  readonly to: Link;
}

export function Roster({ agents, now, to }: RosterProps) {
  return (
    <ul className="roster">
      {agents.map((agent) => (
        <Member key={agent.name} agent={agent} now={now} to={to} />
      ))}
    </ul>
  );
}

function Member({ agent, now, to }: { readonly agent: Agent; readonly now: Date; readonly to: Link }) {
  const tokens = tokensOf(agent);
  const anchor = agentAnchor(agent.name);
  const isSuspended = agent.status !== "active";
  return (
    <li id={anchor} className={isSuspended ? "is-suspended" : undefined}>
      <div className="ag-who">
        <h3 className="m">
          <a href={`#${anchor}`}>{agent.name}</a> <i>{agent.model_family}</i>
        </h3>
        <p className="sub">
          {agent.title}
          {isSuspended && `, ${agent.status}`}
        </p>
        {agent.model !== null && <p className="sub m">{agent.model}</p>}
      </div>
      <div className="ag-now">
        {agent.leases.length === 0 ? (
          <p className="soft">
            holds nothing
            {agent.last_seen_at !== null && (
              <>
                , seen{" "}
                <span className="m">
                  <Tick since={agent.last_seen_at} now={now} short />
                </span>{" "}
                ago
              </>
            )}
          </p>
        ) : (
          <ul>
            {agent.leases.map((lease) => (
              <Held key={lease.task} lease={lease} now={now} to={to} />
            ))}
          </ul>
        )}
        {agent.capabilities.length > 0 && <p className="sub m">{agent.capabilities.join(" ")}</p>}
      </div>
      <dl className="ag-did">
        <Count name="accepted" value={agent.tasks_accepted} />
        <Count name="sent back" value={agent.tasks_reworked} />
        <Count name="verdicts" value={agent.verdicts} />
        {tokens !== null && <Count name="tokens" value={tokens} />}
      </dl>
    </li>
  );
}

function Held({ lease, now, to }: { readonly lease: Lease; readonly now: Date; readonly to: Link }) {
  const { ember } = lease;
  return (
    <li className="ag-held">
      <EmberPicture ember={ember} size="s" />
      <a href={to(`/tasks/${lease.task}`)}>
        <span className="tid">#{lease.task}</span>
        <b>{lease.task_title}</b>
      </a>
      <span className="ag-left">
        {lease.kind === "review" && <span className="soft">review </span>}
        <ClaimState ember={ember} />
        {isAlive(ember) && (
          <span className="m soft">
            {" "}
            <Tick until={ember.lease.expiresAt} now={now} lease={ember.lease} />
          </span>
        )}
      </span>
    </li>
  );
}

function Count({ name, value }: { readonly name: string; readonly value: number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="m">{formatCount(value)}</dd>
    </div>
  );
}
