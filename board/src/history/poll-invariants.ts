/** Who asked for work and was told that there is none: the second half of I15. */
import { z } from "zod";
import type { BoardRecord, Call, Clocks, Fields, History, Poll } from "./history.ts";
import { isHeld, replay, type Trail } from "./replay.ts";

/** A time, on the clients' clock, in which a task surely lay ready, free and untouched. */
interface Rest {
  readonly task: string;
  readonly row: Fields;
  readonly from: number;
  readonly to: number;
}

type EmptyHanded = Call & { readonly poll: Poll; readonly answered: number };

const nothing = z.object({ claimed: z.literal(false), reason: z.literal("nothing_ready") });

/** Told that nothing is ready; who was told that its hands are full is not free. */
const isEmptyHanded = (call: Call): call is EmptyHanded =>
  call.poll !== null &&
  call.answered !== null &&
  call.result === "accepted" &&
  nothing.safeParse(call.answer === null ? null : JSON.parse(call.answer)).success;

/**
 * A ready task with a free agent that may take it is claimed within two polls: nobody is told twice in a row that there is nothing while
 * the same task lay there, from before the first question until after the second answer. An event is stamped before its transaction
 * commits, and a claim holds its row before it is stamped: for as long as the longest call or the longest pause between two ticks, nothing is said.
 */
export function freeAgentIsServed(history: History): readonly string[] {
  const { calls, board, clocks } = history;
  if (clocks === null) return [];
  const longest = calls.reduce((most, call) => Math.max(most, (call.answered ?? call.asked) - call.asked), 0);
  const graceMs = Math.max(longest, history.tickMs ?? 0) + clocks.withinMs;
  const rests = restsOf(board, clocks, graceMs);
  const polls = calls.filter(({ poll }) => poll !== null).toSorted((a, b) => a.asked - b.asked);
  const told = [...Map.groupBy(polls, ({ poll }) => poll?.agent)].flatMap(([agent, own]) =>
    own.flatMap((second, at) => {
      const first = own[at - 1];
      if (first === undefined || !isEmptyHanded(first) || !isEmptyHanded(second)) return [];
      return rests
        .filter(
          ({ row, from, to }) => from < first.asked && second.answered < to && isFor(row, first.poll, second.poll),
        )
        .filter(({ task }) => !calls.some((call) => mayHold(call, task, first, second, graceMs)))
        .map(({ task }) => `${task} lay ready and free while ${agent} was told twice in a row that there is nothing`);
    }),
  );
  return [...new Set(told)];
}

function restsOf(board: BoardRecord, { aheadMs }: Clocks, graceMs: number): readonly Rest[] {
  const trails = replay(board);
  const waits = waitingTimes(board, trails);
  return trails.flatMap(({ task, steps }) =>
    steps.flatMap(({ event, becomes }, at) => {
      const end = steps[at + 1]?.event.at ?? board.readAt;
      if (!isOffered(becomes) || waits(task, event.at, end)) return [];
      return [{ task, row: becomes, from: event.at - aheadMs + graceMs, to: end - aheadMs - graceMs }];
    }),
  );
}

/** Left out: work with paths. Who had reserved them is not in the history. */
const isOffered = (row: Fields): boolean =>
  row["status"] === "ready" &&
  !isHeld(row) &&
  Number(row["attempt"]) < Number(row["max_attempts"]) &&
  listed(row["paths"]).length === 0;

const isFor = (row: Fields, ...polls: readonly Poll[]): boolean =>
  polls.every(
    (poll) =>
      listed(row["required_capabilities"]).every((one) => poll.capabilities.some((own) => own === one)) &&
      (poll.project === null || poll.project === row["project"]) &&
      (poll.class === null || poll.class === row["class"]),
  );

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Whether it was about the task, or may have been, and was on its way between the two: it holds the row as long as it lasts, whatever it was told. */
function mayHold(call: Call, task: string, first: EmptyHanded, second: EmptyHanded, graceMs: number): boolean {
  const isAbout = call.task === task || (call.task === null && call.result !== "accepted");
  return isAbout && call.asked < second.answered && (call.answered ?? call.asked + graceMs) > first.asked;
}

/** Tells whether a task waited for anything open in a time on the board's clock, or may have: also a dependency that was taken away counts. */
function waitingTimes(board: BoardRecord, trails: readonly Trail[]) {
  const steps = new Map(trails.map((trail) => [trail.task, trail.steps]));
  const named = board.events
    .filter(({ entity }) => entity === "os_task_dependencies")
    .flatMap(({ before, after }) => [before, after])
    .map((row) => ({ task: row?.["task"], dependsOn: row?.["depends_on"] }));
  const needs = Map.groupBy([...board.dependencies, ...named], ({ task }) => task);
  return (task: string, from: number, to: number): boolean =>
    (needs.get(task) ?? []).some(({ dependsOn }) => {
      const states = steps.get(String(dependsOn)) ?? [];
      const during = states.filter(({ event }, at) => event.at < to && (states[at + 1]?.event.at ?? to) >= from);
      return during.length === 0 || during.some(({ becomes }) => becomes["status"] !== "done");
    });
}
