import { expect, test } from "vitest";
import { checkReferences } from "./check-references.ts";
import { parseSeedFile } from "./load-seed.ts";
import type { ProfileAgent } from "./profile-schema.ts";
import type { SeedRows } from "./seed-schema.ts";

const agent = (name: string): ProfileAgent => ({
  name,
  title: "x",
  model_family: "claude",
  model: "m",
  capabilities: [],
  status: "active",
  max_wip: 2,
});

const task = (number: number, more: object = {}): object => ({
  number,
  project: "p",
  title: "t",
  description: "d",
  class: "bug",
  status: "ready",
  priority: "P1",
  risk: "low",
  acceptance: ["a"],
  created_at: "-1h",
  ...more,
});
const claim = (number: number, epoch: number, more: object = {}): object => ({
  task: number,
  epoch,
  attempt: 1,
  kind: "work",
  agent: "a01",
  session: "s",
  claimed_at: "-1h",
  ...more,
});

function problemsOf(parts: {
  tasks?: object[];
  claims?: object[];
  verifications?: object[];
  notes?: object[];
}): string[] {
  const rows: SeedRows = {
    organizations: [],
    contacts: [],
    repositories: [],
    projects: parseSeedFile("projects", "projects", [{ key: "p", name: "P", summary: "s" }]),
    phases: [],
    tasks: parseSeedFile("tasks", "tasks", parts.tasks ?? [task(1)]),
    claims: parseSeedFile("claims", "claims", parts.claims ?? []),
    verifications: parseSeedFile("verifications", "verifications", parts.verifications ?? []),
    notes: parseSeedFile("notes", "notes", parts.notes ?? []),
    receipts: [],
    releases: [],
    usage: [],
    reservations: [],
    sessions: parseSeedFile("sessions", "sessions", [
      { agent: "a01", session: "s", client: "c", started_at: "-2h" },
      { agent: "a02", session: "s", client: "c", started_at: "-2h" },
    ]),
  };
  return checkReferences(rows, [agent("a01"), agent("a02")]);
}

test("rows that fit together have no problems", () => {
  const submitted = { ended_at: "-30m", ended_by: "submitted" };
  const verdict = { kind: "review", agent: "a02", ended_at: "-10m", ended_by: "verdict" };
  expect(
    problemsOf({
      tasks: [task(1, { status: "done" }), task(2, { depends_on: [1] })],
      claims: [claim(1, 1, submitted), claim(1, 2, verdict)],
      verifications: [{ task: 1, epoch: 2, verdict: "pass", evidence: "e" }],
    }),
  ).toEqual([]);
});

test.each([
  [{ tasks: [task(1, { project: "q" })] }, "there is no project q"],
  [{ tasks: [task(1, { phase: "P9" })] }, "project p has no phase P9"],
  [{ tasks: [task(1), task(1)] }, "#1 is there twice"],
  [{ tasks: [task(1, { depends_on: [7] })] }, "there is no task #7"],
  [{ tasks: [task(1, { depends_on: [2] }), task(2, { depends_on: [1] })] }, "#1, #2 wait for each other"],
  [{ notes: [{ task: 9, kind: "note", body: "b", at: "-1m" }] }, "there is no task 9"],
  [{ notes: [{ task: 1, agent: "a77", kind: "note", body: "b", at: "-1m" }] }, "there is no agent a77"],
  [{ claims: [claim(1, 2, { ended_at: "-1m" })] }, "epochs are 2, not 1, 2, 3"],
  [{ claims: [claim(1, 1)] }, "a claim is still held"],
  [{ claims: [claim(1, 1, { session: "zz", ended_at: "-1m" })] }, "a01 has no session zz"],
  [{ tasks: [task(1, { status: "in_progress" })] }, "no work claim is held"],
  [{ tasks: [task(1, { status: "done" })] }, "done, but not verified"],
  [{ tasks: [task(1, { status: "blocked" })] }, "blocked, but not by what"],
  [{ tasks: [task(1, { acceptance: [] })] }, "has no acceptance item"],
  [
    {
      claims: [claim(1, 1, { ended_at: "-2m" }), claim(1, 2, { kind: "review", ended_at: "-1m" })],
      verifications: [{ task: 1, epoch: 2, verdict: "fail", evidence: "e" }],
    },
    "a01 verifies its own work",
  ],
])("a seed that does not fit together says where, case %#", (parts, problem) => {
  expect(problemsOf(parts).join("\n")).toContain(problem);
});
