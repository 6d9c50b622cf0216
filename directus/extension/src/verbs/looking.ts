import { z } from "zod";
import type { Answer } from "../law.ts";
import { findTask, UUID } from "./find-task.ts";
import { SHORT_TEXT, taskRef, text } from "./texts.ts";
import { type Desk, defineVerb } from "./verb.ts";

const STATUSES = ["triage", "ready", "in_progress", "blocked", "in_review", "done", "cancelled"] as const;
const ROW = ["number", "title", "status", "priority", "risk", "class", "attempt", "project.key", "assigned_to"];

export const show = defineVerb({
  name: "show",
  description: "Read one task: acceptance, lease, dependencies, notes, claims and verdicts.",
  writes: false,
  shape: { task: taskRef() },
  async run(desk, { task }) {
    const { id } = await findTask(desk, task, ["id"]);
    return desk.law("show_task", { task: id });
  },
});

export const find = defineVerb({
  name: "find",
  description: "List tasks by text, status or project; mine: those that you hold.",
  writes: false,
  shape: {
    text: text(SHORT_TEXT).optional(),
    status: z.enum(STATUSES).optional(),
    project: text(SHORT_TEXT).optional(),
    mine: z.boolean().optional(),
    limit: z.int().min(1).max(50).optional(),
  },
  async run(desk, args) {
    const limit = args.limit ?? 10;
    const filter = { _and: conditions(desk, args) };
    const rows = await desk.readTasks({ fields: ROW, filter, sort: ["priority", "number"], limit: limit + 1 });
    return { tasks: rows.slice(0, limit).map((row) => rowOf(row, desk.actor)), more: rows.length > limit };
  },
});

interface FindArguments {
  readonly text?: string | undefined;
  readonly status?: string | undefined;
  readonly project?: string | undefined;
  readonly mine?: boolean | undefined;
}

function conditions(desk: Desk, { text: words, status, project, mine }: FindArguments): object[] {
  const all: object[] = [];
  if (words !== undefined)
    all.push({ _or: [{ title: { _icontains: words } }, { description: { _icontains: words } }] });
  if (status !== undefined) all.push({ status: { _eq: status } });
  if (project !== undefined)
    all.push({ project: UUID.test(project) ? { id: { _eq: project } } : { key: { _eq: project } } });
  if (mine === true) all.push({ assigned_to: { _eq: desk.actor } });
  return all;
}

/** Small on purpose: a list is read to choose from, `show` tells the rest. */
function rowOf(row: unknown, actor: string): Answer {
  const { project, assigned_to, ...rest } = foundRow.parse(row);
  return {
    ...rest,
    project: project?.key ?? null,
    held: assigned_to === null ? "no" : assigned_to === actor ? "by you" : "yes",
  };
}

const foundRow = z.looseObject({
  project: z.object({ key: z.string() }).nullable(),
  assigned_to: z.string().nullable(),
});
