/** Who holds what: I1–I4, I6, I9–I12, I20, I22. */
import { TRANSITIONS } from "../transitions.ts";
import type { History } from "./history.ts";
import { epochOf, GRANTING, isGrant, isHeld, replay, type Step } from "./replay.ts";

type Check = (history: History) => readonly string[];

/** A reopening may still be uncommitted while a claim that did not see it is granted; 2 s is longer than any transaction here. */
const CONCURRENT_MS = 2_000;

const steps = (history: History): readonly (Step & { readonly task: string })[] =>
  replay(history.board).flatMap(({ task, steps: list }) => list.map((step) => ({ ...step, task })));

function repeated(keys: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return keys.filter((key) => seen.size === seen.add(key).size);
}

export const oneHolder: Check = (history) => [
  ...repeated(history.board.leases.map(({ task }) => task)).map((task) => `${task} has two leases`),
  ...repeated(history.board.claims.filter(({ endedAt }) => endedAt === null).map(({ task }) => task)).map(
    (task) => `${task} has two open claims`,
  ),
  ...steps(history)
    .filter(({ event, was }) => event.kind === "claimed" && isHeld(was))
    .map(({ task, event }) => `${task} was granted at version ${event.version} while it was held`),
];

export const epochGrantedOnce: Check = ({ board, calls }) => {
  const holders = new Map<string, string>();
  const sessions = new Map(board.claims.map(({ task, epoch, session }) => [`${task} epoch ${epoch}`, session]));
  const told = calls.flatMap(({ client, verb, task, epoch, result }) => {
    if (result !== "accepted" || task === null || epoch === null || !GRANTING.includes(verb)) return [];
    const key = `${task} epoch ${epoch}`;
    const other = holders.get(key) ?? sessions.get(key) ?? client;
    holders.set(key, client);
    return other === client ? [] : [`${key} was told to ${client} and belongs to ${other}`];
  });
  const twice = repeated(board.claims.map(({ task, epoch }) => `${task} epoch ${epoch}`));
  return [...twice.map((key) => `${key} has two claims`), ...told];
};

export const epochsRise: Check = (history) =>
  steps(history).flatMap((step) => {
    const { task, event, was } = step;
    const [from, to] = [epochOf(was), event.epoch ?? 0];
    if (to < from) return [`${task} fell from epoch ${from} to ${to} at version ${event.version}`];
    if (isGrant(step) && was !== null && to !== from + 1)
      return [`${task} was granted epoch ${to} after ${from} at version ${event.version}`];
    return [];
  });

export const deadFenceRefused: Check = (history) => {
  const byVersion = new Map(steps(history).map((step) => [`${step.task} ${step.event.version}`, step]));
  const intruders = [...byVersion.values()].flatMap((step) => {
    const { task, event, was } = step;
    const isOutside =
      event.actor === null || event.isSteward || was === null || isGrant(step) || event.origin === "seed";
    const isTriage = was?.["status"] === "triage";
    if (isOutside || isTriage) return [];
    return isHeld(was) && was["assigned_to"] === event.actor && event.epoch === epochOf(was)
      ? []
      : [`${task} was changed at version ${event.version} by ${event.actor}, who did not hold it`];
  });
  const accepted = history.calls.flatMap(({ client, task, fence, result, version }) => {
    const step = byVersion.get(`${task} ${version}`);
    if (result !== "accepted" || fence === null || step === undefined) return [];
    return epochOf(step.was) === fence
      ? []
      : [
          `${task}: fence ${fence} of ${client} was accepted at version ${version}, whose epoch was ${epochOf(step.was)}`,
        ];
  });
  return [...intruders, ...accepted];
};

export const leaseMatchesTask: Check = ({ board }) => {
  const leases = new Map(board.leases.map((lease) => [lease.task, lease]));
  return board.tasks.flatMap(({ id, row }) => {
    const lease = leases.get(id);
    if (isHeld(row) !== (lease !== undefined))
      return [`${id} is ${isHeld(row) ? "held without" : "free with"} a lease`];
    if (row["status"] === "in_progress" && lease?.kind !== "work") return [`${id} is in progress without a work lease`];
    if (lease === undefined) return [];
    const agrees = lease.epoch === row["claim_epoch"] && lease.holder === row["assigned_to"];
    return agrees ? [] : [`${id} and its lease disagree on epoch or holder`];
  });
};

export const waitingIsCounted: Check = ({ board }) => {
  const waiting = new Set(board.dependencies.filter((d) => d.dependsOnStatus !== "done").map(({ task }) => task));
  const misplaced = board.queue
    .filter(({ rank, wanted }) => rank !== wanted)
    .map(({ task }) => `${task} has a wrong place in the queue`);
  return [
    ...board.queue.filter(({ task }) => waiting.has(task)).map(({ task }) => `${task} is in the queue but waits`),
    ...misplaced,
  ];
};

export const dependenciesFirst: Check = (history) => {
  const { board } = history;
  const made = new Map(
    board.events
      .filter(({ entity, kind }) => entity === "os_task_dependencies" && kind === "created")
      .map((e) => [e.entityId, e]),
  );
  const trails = new Map(replay(board).map(({ task, steps: list }) => [task, list]));
  return board.dependencies.flatMap(({ id, task, dependsOn }) => {
    const since = made.get(id);
    const states = trails.get(dependsOn);
    if (since === undefined || states === undefined) return [];
    return (trails.get(task) ?? [])
      .filter((step) => isGrant(step) && step.event.kind !== "review_claimed" && step.event.id > since.id)
      .filter(({ event }) => {
        const before = states.filter((state) => state.event.id < event.id).at(-1);
        const isConcurrent = before?.was?.["status"] === "done" && event.at - before.event.at < CONCURRENT_MS;
        return before !== undefined && before.becomes["status"] !== "done" && !isConcurrent;
      })
      .map(({ event }) => `${task} was claimed at version ${event.version} while ${dependsOn} was open`);
  });
};

export const noCircle: Check = ({ board }) => {
  const next = Map.groupBy(board.dependencies, ({ task }) => task);
  const state = new Map<string, "open" | "closed">();
  const leadsBack = (task: string): boolean => {
    if (state.has(task)) return state.get(task) === "open";
    state.set(task, "open");
    const found = (next.get(task) ?? []).some(({ dependsOn }) => leadsBack(dependsOn));
    state.set(task, "closed");
    return found;
  };
  return [...next.keys()].filter(leadsBack).map((task) => `${task} waits for itself`);
};

export const legalTransitions: Check = (history) =>
  steps(history).flatMap(({ task, event, was, becomes }) => {
    const from = was === null ? "new" : was["status"];
    const to = becomes["status"];
    if (from === to || event.origin === "seed") return [];
    const parts = event.actor === null ? ["system"] : event.isSteward ? ["steward"] : ["agent", "holder", "verifier"];
    const isLegal = TRANSITIONS.some(
      (t) =>
        t.from === from && t.to === to && (parts.includes(t.who) || (t.who === "system" && t.event === event.kind)),
    );
    return isLegal ? [] : [`${task} went from ${String(from)} to ${String(to)} at version ${event.version}`];
  });

export const readyIsVisible: Check = ({ board }) => {
  const queued = new Set(board.queue.map(({ task }) => task));
  const waiting = new Set(board.dependencies.filter((d) => d.dependsOnStatus !== "done").map(({ task }) => task));
  const missing = board.tasks.filter(
    ({ id, row }) =>
      row["status"] === "ready" &&
      Number(row["attempt"]) < Number(row["max_attempts"]) &&
      !waiting.has(id) &&
      !queued.has(id),
  );
  return [
    ...missing.map(({ id }) => `${id} is ready but not in the queue`),
    ...board.queue
      .filter(({ rank, head }) => rank < head)
      .map(({ task }) => `${task} lies before the head of the queue`),
  ];
};

export const verifiedByStranger: Check = ({ board }) =>
  board.verifications.flatMap(({ task, epoch, verifier, session, modelFamily, risk }) => {
    const works = board.claims.filter(
      (c) => c.task === task && c.kind === "work" && (epoch === null || c.epoch < epoch),
    );
    const judged = works
      .filter(({ endedBy }) => endedBy === "submitted")
      .toSorted((a, b) => a.epoch - b.epoch)
      .at(-1);
    if (works.some((c) => (verifier !== null && c.holder === verifier) || (session !== null && c.session === session)))
      return [`${task} was verified by its author`];
    const isSame = risk !== "low" && modelFamily !== null && judged?.modelFamily === modelFamily;
    return isSame ? [`${task} has risk ${risk} and was verified by its author's model family`] : [];
  });
