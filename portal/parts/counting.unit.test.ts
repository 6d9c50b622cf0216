import { createElement, type ReactElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import type { Agent } from "../data/agents.ts";
import type { OpenTask } from "../data/board.ts";
import type { Lease } from "../data/leases.ts";
import type { ListTask } from "../data/list.ts";
import type { AttentionLine } from "../data/now.ts";
import type { Claim, Task } from "../data/task.ts";
import type { TimelineClaim } from "../data/timeline.ts";
import { type Ember, emberOf } from "../view/ember.ts";
import { Card } from "./board/card.tsx";
import { TaskTable } from "./list/table.tsx";
import { AttentionEntry } from "./now/attention.tsx";
import { Roster } from "./roster.tsx";
import { ClaimEntry } from "./task/claim.tsx";
import { HistoryEntry } from "./task/history.tsx";
import { ClaimTable } from "./timeline/table.tsx";

const now = new Date("2026-11-22T12:00:00Z");
const to = (path: string) => path;
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);

/** A claim of 900 s that beat so many seconds ago. */
const held = (beat: number): Ember =>
  emberOf(
    {
      ...{ task: 7, epoch: 2, agent: "a01", kind: "work", leaseSeconds: 900 },
      ...{ heartbeatAt: ago(beat), expiresAt: ago(beat - 900) },
    },
    now,
  );
const lease = (beat: number): Lease => ({
  ...{ task: 7, task_title: "Held", epoch: 2, agent: "a01", model_family: "claude", kind: "work" },
  ...{ granted_at: ago(1_000), heartbeat_at: ago(beat), expires_at: ago(beat - 900), lease_seconds: 900 },
  ...{ last_kind: "claimed", last_at: ago(1_000), ember: held(beat) },
});

const ROW = {
  ...{
    number: 7,
    title: "Held",
    status: "in_progress",
    priority: "P1",
    phase: null,
    agent: "a01",
    model_family: "claude",
  },
  ...{
    lease_kind: "work",
    claim_epoch: 2,
    attempt: 0,
    max_attempts: 3,
    author: "a02",
    author_family: "gpt",
    risk: "low",
  },
  ...{ submitted_at: ago(700), updated_at: ago(700), blocked_type: null, blocked_reason: null, blocked_action: null },
  ...{
    blocked_owner: null,
    required_capabilities: [],
    open_dependencies: 0,
    dependents: 0,
    lease_granted_at: ago(1_000),
  },
  ...{ submitted_commit: null, submitted_artifact: null, verifier: null, verified_at: ago(700), done_at: null },
};
const openTask = (change: object): OpenTask => ({ ...ROW, ember: null, ...change }) as unknown as OpenTask;
const task = (change: object): Task => ({ ...ROW, ember: null, ...change }) as unknown as Task;
const claim = {
  epoch: 2,
  attempt: 0,
  kind: "work",
  agent: "a01",
  claimed_at: ago(1_000),
  ended_at: null,
  ended_by: null,
};
const agent = (change: object) =>
  ({ name: "a01", status: "active", capabilities: [], leases: [], ...change }) as unknown as Agent;
const card = (change: object) => createElement(Card, { task: openTask(change), now, to });
const claimEntry = (change: object) => createElement(ClaimEntry, { task: task(change), now });

const COUNTING: Readonly<Record<string, ReactElement>> = {
  "a card that is held": card({ ember: held(20) }),
  "a card whose claim is cold": card({ ember: held(600) }),
  "a card that waits for a verifier": card({ status: "in_review" }),
  "a card that is blocked": card({ status: "blocked" }),
  "the claim of a task": claimEntry({ ember: held(20) }),
  "a task that waits for a verifier": claimEntry({ status: "in_review" }),
  "a task that is verified": claimEntry({ status: "done" }),
  "the history of a task": createElement(HistoryEntry, { task: task({}), claims: [claim as unknown as Claim], now }),
  "the table of claims": createElement(ClaimTable, {
    claims: [{ ...claim, task: 7, task_title: "Held", ember: held(20) } as unknown as TimelineClaim],
    ...{ now, to },
  }),
  "the list": createElement(TaskTable, { tasks: [openTask({ receipt: null }) as unknown as ListTask], now, to }),
  "an agent that holds a task": createElement(Roster, { agents: [agent({ leases: [lease(20)] })], now, to }),
  "an agent that holds nothing": createElement(Roster, { agents: [agent({ last_seen_at: ago(90) })], now, to }),
  "what needs attention": createElement(AttentionEntry, {
    leases: [lease(600)],
    counts: { held: 1, live: 0, cold: 1, agents: 1, on_tasks: 1, on_reviews: 0, cooling: 0 },
    lines: [{ ...ROW, blocked_type: "capability" } as unknown as AttentionLine],
    waiting: { tasks: 1, oldest_at: ago(700) },
    ...{ now, to },
  }),
};

/** A number and its unit, as durations are written. */
const DURATION = /\d+ [smhd]\b/;
/** What the page's clock moves: an element that names its instant, and the words of an ember. */
const COUNTED = /<span[^>]* data-(since|until)="\d+"[^>]*>[^<]*<\/span>|aria-label="[^"]*"/g;

test.each(Object.entries(COUNTING))("%s shows no duration that stands still on a live page", (_, element) => {
  const html = renderToStaticMarkup(element);
  expect(html).toMatch(/<span[^>]* data-(since|until)="\d+"[^>]*>\d+ [smhd]/);
  expect(html.replaceAll(COUNTED, "")).not.toMatch(DURATION);
});
