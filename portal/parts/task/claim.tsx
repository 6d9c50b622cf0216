import type { ReactNode } from "react";
import type { Task } from "../../data/task.ts";
import type { Ember } from "../../view/ember.ts";
import { shortCommit } from "../../view/numbers.ts";
import { blockLook, type StateLook, taskLook } from "../../view/states.ts";
import { formatClock } from "../../view/times.ts";
import { EmberPicture } from "../ember.tsx";
import { Entry } from "../entry.tsx";
import { Glyph } from "../glyph.tsx";
import { Tick } from "../tick.tsx";
import { Who } from "../who.tsx";

/** Who holds the task now; or, when nobody does, why not and what comes next. */
export function ClaimEntry({ task, now }: { readonly task: Task; readonly now: Date }) {
  return (
    <Entry
      title={task.ember === null ? "State" : "Claim"}
      note={task.ember === null ? undefined : `epoch ${task.claim_epoch}`}
      plain
    >
      {task.ember === null ? <Unheld task={task} now={now} /> : <Held task={task} ember={task.ember} now={now} />}
    </Entry>
  );
}

interface HeldProps {
  readonly task: Task;
  readonly ember: Ember;
  readonly now: Date;
}

function Held({ task, ember, now }: HeldProps) {
  const verb = task.lease_kind === "review" ? "reviews" : "holds";
  return (
    <div className="holder">
      <EmberPicture ember={ember} size="l" />
      <div>
        <p className="lead">
          <span className="m">
            <b>
              <Who name={task.agent} family={null} />
            </b>
          </span>{" "}
          {ember.state === "expired" ? "held" : verb} this task.{" "}
          {ember.state === "expired" ? (
            <>Its lease has ended.</>
          ) : (
            <>
              Lease ends in{" "}
              <span className="m">
                <Tick until={ember.lease.expiresAt} now={now} lease={ember.lease} />
              </span>
              .
            </>
          )}
        </p>
        <p className="soft">
          Last heartbeat{" "}
          <span className="m">
            <Tick since={ember.lease.heartbeatAt} now={now} lease={ember.lease} />
          </span>{" "}
          ago
          {ember.state === "cold" && ": the claim is cold, and open to takeover when the lease ends"}
          {ember.state === "expired" && ": the next claim takes it over"}.
          {task.lease_granted_at !== null && (
            <>
              {" "}
              Claimed at <span className="m">{formatClock(task.lease_granted_at)}</span> UTC.
            </>
          )}
        </p>
        <p className="soft">
          Writes need fence <span className="m">{task.claim_epoch}</span>. An older fence is refused.
        </p>
      </div>
    </div>
  );
}

function Unheld({ task, now }: { readonly task: Task; readonly now: Date }) {
  const { look, lead, next } = stateWords(task, now);
  return (
    <div className="holder">
      <span className={`big st-${look.tone}`}>
        <Glyph name={look.glyph} />
      </span>
      <div>
        <p className="lead">{lead}</p>
        {next.map((line) => (
          <p key={line} className="soft">
            {line}
          </p>
        ))}
      </div>
    </div>
  );
}

interface StateWords {
  readonly look: StateLook;
  readonly lead: ReactNode;
  readonly next: readonly string[];
}

function stateWords(task: Task, now: Date): StateWords {
  const look = taskLook(task.status);
  const ago = (at: Date | null) =>
    at === null ? null : (
      <>
        {" "}
        <Tick since={at} now={now} /> ago
      </>
    );
  const commit =
    task.submitted_commit === null ? task.submitted_artifact : `commit ${shortCommit(task.submitted_commit)}`;
  switch (task.status) {
    case "triage":
      return { look, lead: "Waits to be accepted.", next: ["A steward gives it an acceptance and makes it ready."] };
    case "ready":
      return {
        look,
        lead:
          task.open_dependencies === 0
            ? "Open to claim."
            : `Waits for ${task.open_dependencies} ${task.open_dependencies === 1 ? "task" : "tasks"} to be verified.`,
        next: task.status_reason === null ? [] : [task.status_reason],
      };
    case "in_progress":
      return { look, lead: "In progress, but nobody holds it.", next: ["The next claim takes it over."] };
    case "in_review":
      return {
        look,
        lead: <>Submitted{ago(task.submitted_at)}. Waits for a verifier.</>,
        next: [
          ...(commit === null ? [] : [`${task.author ?? "Its author"} named ${commit}.`]),
          ...(task.risk === "low" || task.author_family === null
            ? []
            : [`Risk ${task.risk}: the verifier may not be of the family ${task.author_family}.`]),
        ],
      };
    case "blocked":
      return {
        look: blockLook(task.blocked_type),
        lead: `Blocked: ${blockLook(task.blocked_type).word}.`,
        next: [
          task.blocked_reason,
          task.blocked_action,
          task.blocked_owner === null ? null : `Owner: ${task.blocked_owner}.`,
        ].filter((line) => line !== null),
      };
    case "done":
      return {
        look,
        lead: (
          <>
            Verified{ago(task.verified_at ?? task.done_at)}
            {task.verifier !== null && ` by ${task.verifier}`}.
          </>
        ),
        next: commit === null ? [] : [`What was verified: ${commit}.`],
      };
    case "cancelled":
      return { look, lead: "Cancelled.", next: task.status_reason === null ? [] : [task.status_reason] };
  }
}
