import type { OpenTask } from "../../data/board.ts";
import type { Ember } from "../../view/ember.ts";
import type { Link } from "../../view/links.ts";
import { plural } from "../../view/numbers.ts";
import { blockLook, taskLook } from "../../view/states.ts";
import { ClaimState } from "../claim-state.tsx";
import { EmberPicture } from "../ember.tsx";
import { State } from "../glyph.tsx";
import { Tick } from "../tick.tsx";
import { Who } from "../who.tsx";

export interface CardProps {
  readonly task: OpenTask;
  readonly now: Date;
  readonly to: Link;
  /** One below the heading that the card stands under. */
  readonly heading?: "h3" | "h4";
}

export function Card({ task, now, to, heading: Heading = "h3" }: CardProps) {
  const { ember } = task;
  return (
    <article className={ember === null ? "card" : `card is-${ember.state}`}>
      <p className="k-h m">
        <span className="tid">#{task.number}</span>
        {task.phase !== null && <span className="k-ph">{task.phase}</span>}
        <span className="k-p">{task.priority.toLowerCase()}</span>
      </p>
      <Heading className="k-t">
        <a href={to(`/tasks/${task.number}`)}>{task.title}</a>
      </Heading>
      {ember !== null && <ClaimLine task={task} ember={ember} now={now} />}
      <Details task={task} now={now} />
    </article>
  );
}

interface ClaimLineProps {
  readonly task: OpenTask;
  readonly ember: Ember;
  readonly now: Date;
}

function ClaimLine({ task, ember, now }: ClaimLineProps) {
  return (
    <div className="k-claim">
      <EmberPicture ember={ember} size="s" />
      <span className="m">
        <Who name={task.agent} family={task.model_family} />
      </span>
      <span className="k-l m">
        <ClaimState ember={ember} />
        {ember.state !== "expired" && <Tick until={ember.lease.expiresAt} now={now} lease={ember.lease} />}
      </span>
    </div>
  );
}

function Details({ task, now }: { readonly task: OpenTask; readonly now: Date }) {
  switch (task.status) {
    case "ready":
      return <ReadyDetails task={task} />;
    case "in_progress":
      return <ProgressDetails task={task} now={now} />;
    case "in_review":
      return <ReviewDetails task={task} now={now} />;
    case "blocked":
      return <BlockedDetails task={task} now={now} />;
    default:
      return null;
  }
}

function ReadyDetails({ task }: { readonly task: OpenTask }) {
  const { required_capabilities: needs, dependents, open_dependencies: waits } = task;
  const words = [
    ...(waits > 0 ? [`waits for ${plural(waits, "task")}`] : []),
    ...(needs.length > 0 ? [`needs ${needs.join(", ")}`] : []),
    ...(dependents > 0 ? [`unblocks ${dependents}`] : []),
    ...(task.attempt > 0 ? [attemptWords(task)] : []),
  ];
  return words.length === 0 ? null : <p className="k-x">{words.join(" · ")}</p>;
}

function ProgressDetails({ task, now }: { readonly task: OpenTask; readonly now: Date }) {
  const { ember } = task;
  if (ember === null) return <p className="k-x">No live lease: the next claim takes it over.</p>;
  if (ember.state === "cold" || ember.state === "expired") {
    const next = ember.state === "cold" ? "Open to takeover when the lease ends." : "Open to takeover.";
    return (
      <p className="k-x">
        Last beat{" "}
        <span className="m">
          <Tick since={ember.lease.heartbeatAt} now={now} lease={ember.lease} />
        </span>{" "}
        ago. {next}
      </p>
    );
  }
  return task.attempt > 0 ? (
    <p className="k-x">
      {attemptWords(task)}, epoch {task.claim_epoch}
    </p>
  ) : null;
}

function ReviewDetails({ task, now }: { readonly task: OpenTask; readonly now: Date }) {
  const { author, author_family: family, submitted_at: submitted } = task;
  return (
    <>
      {task.ember === null && (
        <p className="k-x">
          <State look={{ ...taskLook("in_review"), word: "waits" }} />{" "}
          {submitted !== null && (
            <span className="m">
              <Tick since={submitted} now={now} short />
            </span>
          )}{" "}
          for a verifier
          {task.risk !== "low" && family !== null && (
            <>
              {" "}
              that is not <span className="m">{family}</span>
            </>
          )}
        </p>
      )}
      {author !== null && (
        <p className="k-x">
          author{" "}
          <span className="m">
            <Who name={author} family={family} />
          </span>
        </p>
      )}
    </>
  );
}

function BlockedDetails({ task, now }: { readonly task: OpenTask; readonly now: Date }) {
  const words =
    task.blocked_type === "quarantined"
      ? `${task.attempt} of ${task.max_attempts} attempts failed`
      : (task.blocked_action ?? task.blocked_reason);
  return (
    <p className="k-x">
      <State look={blockLook(task.blocked_type)} />{" "}
      <span className="m">
        <Tick since={task.updated_at} now={now} short />
      </span>
      {words !== null && (
        <>
          <br />
          {words}
        </>
      )}
    </p>
  );
}

/** `attempt` counts failed verdicts, so the try under way is one more. */
function attemptWords({ attempt, max_attempts }: OpenTask): string {
  return `attempt ${Math.min(attempt + 1, max_attempts)} of ${max_attempts}`;
}
