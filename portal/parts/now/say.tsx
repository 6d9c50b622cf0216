import type { NowFacts } from "../../data/now.ts";
import type { Link } from "../../view/links.ts";
import { nowSentence, type SentenceFacts } from "../../view/sentence.ts";
import { formatClock, formatDate, secondsBetween } from "../../view/times.ts";
import { countedTasks } from "../../view/totals.ts";
import { Command } from "../command.tsx";
import { Tick } from "../tick.tsx";

/** The sentence that answers in ten seconds what goes on. */
export function SayEntry({ facts, to }: { readonly facts: NowFacts; readonly to: Link }) {
  const { server_now: now, last_event_at: lastEventAt } = facts.instance;
  const parts = nowSentence(sentenceFacts(facts));
  // A sentence that says something else is another one and takes the place of the old: its words do not wander. Its age alone counts on.
  const words = parts.map(({ text, isAge }) => (isAge ? "" : text)).join("");
  const isEmpty = countedTasks(facts.counts) === 0;
  return (
    <section className="entry say" data-live="say">
      <div className="marg">
        <p className="m date">
          {formatDate(now)} <br />
          {formatClock(now)} UTC
        </p>
      </div>
      <div className="body">
        <h1 className="voice" data-key={words}>
          {parts.map(({ text, href, mark, isAge }, at) =>
            href === undefined ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one sentence never move
              <span key={at}>{text}</span>
            ) : (
              <a
                key={href + text}
                href={href.startsWith("/#") ? href.slice(1) : to(href)}
                className={`n-${mark ?? "open"}`}
              >
                {isAge && lastEventAt !== null ? <Tick since={lastEventAt} now={now} /> : text}
              </a>
            ),
          )}
        </h1>
        {isEmpty && (
          <>
            <p className="sub16">Seed the chosen profile, or let an agent write the first task.</p>
            <Command text="bin/elk-os seed" />
          </>
        )}
      </div>
    </section>
  );
}

function sentenceFacts({ instance, counts, claims, waiting }: NowFacts): SentenceFacts {
  return {
    agents: claims.agents,
    onTasks: claims.on_tasks,
    onReviews: claims.on_reviews,
    cold: claims.cold,
    waitsForPerson: waiting.tasks,
    done: counts.done,
    tasks: countedTasks(counts),
    lastEventSeconds:
      instance.last_event_at === null ? null : secondsBetween(instance.last_event_at, instance.server_now),
  };
}
