import { z } from "zod";
import type { Answer } from "../board-client/board-client.ts";

const task = z.looseObject({
  number: z.number(),
  title: z.string(),
  status: z.string(),
  priority: z.string(),
  risk: z.string(),
  description: z.string().nullish(),
  acceptance: z.array(z.object({ id: z.string(), text: z.string(), check: z.string().nullish() })).default([]),
  submitted_commit: z.string().nullish(),
  submitted_artifact: z.string().nullish(),
});
const grant = z.looseObject({
  claimed: z.literal(true),
  kind: z.string(),
  fence: z.number(),
  lease_expires_at: z.string(),
  task,
});
const empty = z.looseObject({ claimed: z.literal(false), reason: z.string(), retry_after_seconds: z.number() });
const state = z.looseObject({ ref: z.string(), status: z.string(), version: z.number(), claim_epoch: z.number() });
const found = z.looseObject({
  tasks: z.array(
    z.looseObject({
      number: z.number(),
      title: z.string(),
      status: z.string(),
      priority: z.string(),
      held: z.string(),
    }),
  ),
  more: z.boolean(),
});
const shown = z.looseObject({
  task,
  lease: z
    .looseObject({ agent: z.string().nullish(), kind: z.string(), fence: z.number(), lease_expires_at: z.string() })
    .nullish(),
  dependencies: z.array(z.looseObject({ number: z.number(), status: z.string() })).default([]),
  notes: z.array(z.looseObject({ kind: z.string(), body: z.string() })).default([]),
});

/** What `next`, `claim` and `review` say to a person: the brief, and the fence that every later call needs. */
export function grantLines(answer: Answer): readonly string[] {
  const nothing = empty.safeParse(answer);
  if (nothing.success) return [`nothing  ${nothing.data.reason}; ask again in ${nothing.data.retry_after_seconds} s`];
  const { kind, fence, lease_expires_at, task: claimed } = grant.parse(answer);
  return [`${kind}     fence ${fence}, lease until ${lease_expires_at}`, ...taskLines(claimed)];
}

export function stateLines(answer: Answer): readonly string[] {
  const advanced = z.looseObject({ submitted: state, next: z.record(z.string(), z.unknown()) }).safeParse(answer);
  if (advanced.success) return [...stateLines(advanced.data.submitted), ...grantLines(advanced.data.next)];
  const { ref, status, version } = state.parse(answer);
  return [`${ref}  ${status}  version ${version}`];
}

export function foundLines(answer: Answer): readonly string[] {
  const { tasks, more } = found.parse(answer);
  if (tasks.length === 0) return ["no such task"];
  const rows = tasks.map(
    (row) =>
      `#${String(row.number).padEnd(5)} ${row.status.padEnd(11)} ${row.priority}  ${row.title}${row.held === "no" ? "" : `  (held ${row.held})`}`,
  );
  return more ? [...rows, "more: raise --limit or narrow the search"] : rows;
}

export function shownLines(answer: Answer): readonly string[] {
  const { task: row, lease, dependencies, notes } = shown.parse(answer);
  return [
    ...taskLines(row),
    ...(lease === null || lease === undefined
      ? []
      : [
          `held     ${lease.agent ?? "somebody"}, ${lease.kind}, fence ${lease.fence}, until ${lease.lease_expires_at}`,
        ]),
    ...dependencies.map((edge) => `needs    #${edge.number} ${edge.status}`),
    ...notes.map((note) => `${note.kind.padEnd(8)} ${note.body.replaceAll("\n", "\n         ")}`),
  ];
}

function taskLines(row: z.infer<typeof task>): readonly string[] {
  return [
    `#${row.number}  ${row.title}`,
    `         ${row.status}  ${row.priority}  risk ${row.risk}`,
    ...(row.description ? [`         ${row.description.replaceAll("\n", "\n         ")}`] : []),
    ...row.acceptance.flatMap((item) => [
      `${item.id.padEnd(8)} ${item.text}`,
      ...(item.check ? [`         check: ${item.check}`] : []),
    ]),
    ...(row.submitted_commit ? [`commit   ${row.submitted_commit}`] : []),
    ...(row.submitted_artifact ? [`artifact ${row.submitted_artifact}`] : []),
  ];
}
