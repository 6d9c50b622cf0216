import type { ReactNode } from "react";
import type { ClaimCounts, Lease } from "../../data/leases.ts";
import type { AttentionLine, Waiting } from "../../data/now.ts";
import { isAlive } from "../../view/ember.ts";
import type { Link } from "../../view/links.ts";
import { plural } from "../../view/numbers.ts";
import { blockLook, type StateLook } from "../../view/states.ts";
import { formatClock } from "../../view/times.ts";
import { Empty, Entry } from "../entry.tsx";
import { State } from "../glyph.tsx";
import { More } from "../more.tsx";
import { Tick } from "../tick.tsx";

export interface AttentionEntryProps {
  readonly leases: readonly Lease[];
  /** Over all claims that are held. */
  readonly counts: ClaimCounts;
  readonly lines: readonly AttentionLine[];
  readonly waiting: Waiting;
  readonly now: Date;
  readonly to: Link;
}

const COLD: StateLook = { glyph: "cold", tone: "cold", word: "cold" };

/** What does not move by itself: claims that went cold, and tasks that wait for a person. */
export function AttentionEntry({ leases, counts, lines, waiting, now, to }: AttentionEntryProps) {
  const cold = leases.filter(({ ember }) => !isAlive(ember));
  const since = [
    ...cold.map(({ heartbeat_at: beat }) => beat),
    ...(waiting.oldest_at === null ? [] : [waiting.oldest_at]),
  ].toSorted((a, b) => a.getTime() - b.getTime());
  const items = counts.cold + waiting.tasks;
  const [oldest] = since;
  return (
    <Entry
      title="Attention"
      id="attention"
      note={items === 0 ? "none" : plural(items, "item")}
      hint={
        oldest === undefined ? undefined : (
          <>
            Oldest wait <Tick since={oldest} now={now} short />.
          </>
        )
      }
    >
      {items === 0 ? (
        <Empty fact="Nothing waits for a person." />
      ) : (
        <>
          <ul className="att">
            {cold.map((lease) => (
              <Item
                key={`cold-${lease.task}`}
                look={{ ...COLD, word: lease.ember.state }}
                task={lease.task}
                title={lease.task_title}
                age={<Tick since={lease.heartbeat_at} now={now} lease={lease.ember.lease} short />}
                to={to}
              >
                <ColdWords lease={lease} now={now} />
              </Item>
            ))}
            {lines.map((line) => (
              <Item
                key={line.number}
                look={blockLook(line.blocked_type)}
                task={line.number}
                title={line.title}
                age={<Tick since={line.updated_at} now={now} short />}
                to={to}
              >
                {blockedWords(line)}
              </Item>
            ))}
          </ul>
          <More count={counts.cold - cold.length} word="more cold claims" href={to("/claims")} />
          <More count={waiting.tasks - lines.length} href={to("/list?status=blocked&order=priority")} />
        </>
      )}
    </Entry>
  );
}

interface ItemProps {
  readonly look: StateLook;
  readonly task: number;
  readonly title: string;
  readonly age: ReactNode;
  readonly to: Link;
  readonly children: ReactNode;
}

function Item({ look, task, title, age, to, children }: ItemProps) {
  return (
    <li>
      <span className="a-st">
        <State look={look} />
      </span>
      <span className="a-t tid">#{task}</span>
      <span className="a-x">
        <a href={to(`/tasks/${task}`)}>
          <b>{title}</b>
        </a>{" "}
        <span className="soft">{children}</span>
      </span>
      <span className="m a-age">{age}</span>
    </li>
  );
}

function ColdWords({ lease, now }: { readonly lease: Lease; readonly now: Date }) {
  const { agent, heartbeat_at: beat, expires_at: end, ember } = lease;
  return (
    <>
      {agent ?? "Its holder"} stopped beating at {formatClock(beat)}.{" "}
      {ember.state === "expired" ? (
        "Its lease has ended: the next claim takes the task over."
      ) : (
        <>
          Its lease ends in <Tick until={end} now={now} lease={ember.lease} />, then another agent may take the task
          over.
        </>
      )}
    </>
  );
}

function blockedWords(line: AttentionLine): string {
  if (line.blocked_type === "quarantined") {
    return line.blocked_reason ?? `${line.attempt} of ${line.max_attempts} attempts failed verification.`;
  }
  const owner = line.blocked_owner === null ? "" : ` Owner: ${line.blocked_owner}.`;
  return `${line.blocked_action ?? line.blocked_reason ?? ""}${owner}`;
}
