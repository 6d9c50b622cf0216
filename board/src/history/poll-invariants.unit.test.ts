/** What an agent may be told that looks for work: the green side of I15's second half; the red one stands with the other invariants'. */
import { describe, expect, test } from "vitest";
import {
  asks,
  both,
  call,
  type Doctor,
  HELD,
  healthy,
  NEXT,
  offers,
  onBoard,
  poll,
} from "../../../test/support/healthy-history.ts";
import { freeAgentIsServed } from "./poll-invariants.ts";

/** The task lies there from second 10 on, as in the red ones; a tick may take a second. */
const GREEN: readonly (readonly [story: string, doctor: Doctor])[] = [
  ["asks once", asks(poll(13))],
  [
    "gets other work in between",
    asks(poll(13), poll(13.1, { client: "a2", task: HELD, version: 2, epoch: 1, answer: null }), poll(13.2)),
  ],
  ["asks first while the task is only just coming back", asks(poll(10.5), poll(13))],
  ["was answered last when the board was read already, or nearly so", asks(poll(13), poll(19.5))],
  [
    "has its hands full",
    asks(...[13, 13.1].map((at) => poll(at, { answer: JSON.stringify({ claimed: false, reason: "wip_limit" }) }))),
  ],
  ["heard nothing", asks(poll(13, { result: "unknown", answered: null }), poll(13.1))],
  ["is another one than the first", asks(poll(13), poll(13.1, {}, { agent: "eve" }))],
  ["cannot what the task needs", both(offers({ required_capabilities: ["tests"] }), asks(poll(13), poll(13.1)))],
  ["wants another project", asks(...[13, 13.1].map((at) => poll(at, {}, { project: "else" })))],
  ["wants another class", asks(...[13, 13.1].map((at) => poll(at, {}, { class: "docs" })))],
  ["finds a task without attempts left", both(offers({ attempt: 3 }), asks(poll(13), poll(13.1)))],
  ["finds a task whose paths may be reserved", both(offers({ paths: ["src"] }), asks(poll(13), poll(13.1)))],
  [
    "finds a task that waits",
    both(
      onBoard(({ dependencies }) => ({
        dependencies: [...dependencies, { id: "more", task: NEXT, dependsOn: HELD, dependsOnStatus: "in_progress" }],
        queue: [],
      })),
      asks(poll(13), poll(13.1)),
    ),
  ],
  [
    "finds a task that somebody claims at that time, and is refused",
    asks(
      poll(13),
      poll(13.1),
      call({ client: "e", task: NEXT, asked: 13_005, answered: 13_050, result: "refused", code: "MUSTER_WIP_LIMIT" }),
    ),
  ],
  [
    "has a clock that nobody laid beside the board's",
    both(asks(poll(13), poll(13.1)), (h) => ({ ...h, clocks: null })),
  ],
];

describe.each(GREEN)("an agent that is told nothing and %s", (_, doctor) => {
  test("may be told so", () => {
    expect(freeAgentIsServed(doctor(healthy()))).toEqual([]);
  });
});

test("each agent and task is named once, however often it asked", () => {
  const many = asks(...Array.from({ length: 50 }, (_, index) => poll(13 + index / 50)));
  expect(freeAgentIsServed(many(healthy()))).toEqual([
    "task-next lay ready and free while dan was told twice in a row that there is nothing",
  ]);
});
