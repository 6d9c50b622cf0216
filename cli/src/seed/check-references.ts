import type { ProfileAgent } from "./profile-schema.ts";
import type { SeedRow, SeedRows } from "./seed-schema.ts";

/** Everything that does not fit together between the rows of a seed, one sentence each; empty when all is well. Pure. */
export function checkReferences(rows: SeedRows, agents: readonly ProfileAgent[]): string[] {
  return [...findDuplicates(rows), ...findDangling(rows, agents), ...findCycles(rows.tasks), ...findBrokenClaims(rows)];
}

function findDuplicates(rows: SeedRows): string[] {
  const twice = (file: string, keys: readonly string[]): string[] =>
    keys.filter((key, index) => keys.indexOf(key) !== index).map((key) => `${file}: ${key} is there twice`);
  return [
    ...twice(
      "organizations",
      rows.organizations.map((row) => row.key),
    ),
    ...twice(
      "repositories",
      rows.repositories.map((row) => row.key),
    ),
    ...twice(
      "projects",
      rows.projects.map((row) => row.key),
    ),
    ...twice(
      "phases",
      rows.phases.map((row) => `${row.project}/${row.key}`),
    ),
    ...twice(
      "tasks",
      rows.tasks.map((row) => `#${row.number}`),
    ),
    ...twice(
      "claims",
      rows.claims.map((row) => `#${row.task} epoch ${row.epoch}`),
    ),
    ...twice(
      "verifications",
      rows.verifications.map((row) => `#${row.task} epoch ${row.epoch}`),
    ),
    ...twice(
      "receipts",
      rows.receipts.map((row) => `r-${row.number}`),
    ),
    ...twice(
      "releases",
      rows.releases.map((row) => `${row.repository} ${row.version}`),
    ),
    ...twice(
      "sessions",
      rows.sessions.map((row) => `${row.agent} ${row.session}`),
    ),
  ];
}

function findDangling(rows: SeedRows, agents: readonly ProfileAgent[]): string[] {
  const known = {
    organization: new Set<unknown>(rows.organizations.map((row) => row.key)),
    repository: new Set<unknown>(rows.repositories.map((row) => row.key)),
    project: new Set<unknown>(rows.projects.map((row) => row.key)),
    agent: new Set<unknown>(agents.map((agent) => agent.name)),
    task: new Set<unknown>(rows.tasks.map((row) => row.number)),
  };
  const problems: string[] = [];
  for (const [file, list] of Object.entries(rows)) {
    list.forEach((row: object, index: number) => {
      for (const [column, values] of Object.entries(known)) {
        const value: unknown = Reflect.get(row, column);
        if (value !== undefined && !values.has(value)) {
          problems.push(`${file} › row ${index + 1} › ${column}: there is no ${column} ${String(value)}`);
        }
      }
    });
  }
  const phases = new Set(rows.phases.map((row) => `${row.project}/${row.key}`));
  for (const task of rows.tasks) {
    if (task.phase !== undefined && !phases.has(`${task.project}/${task.phase}`)) {
      problems.push(`tasks › #${task.number} › phase: project ${task.project} has no phase ${task.phase}`);
    }
    for (const number of task.depends_on) {
      if (!known.task.has(number)) problems.push(`tasks › #${task.number} › depends_on: there is no task #${number}`);
    }
  }
  const sessions = new Set(rows.sessions.map((row) => `${row.agent} ${row.session}`));
  for (const claim of rows.claims) {
    if (!sessions.has(`${claim.agent} ${claim.session}`)) {
      problems.push(
        `claims › #${claim.task} epoch ${claim.epoch} › session: ${claim.agent} has no session ${claim.session}`,
      );
    }
  }
  return problems;
}

function findCycles(tasks: SeedRows["tasks"]): string[] {
  const open = new Map(tasks.map((task) => [task.number, new Set(task.depends_on)]));
  for (;;) {
    const free = [...open].filter(([, needs]) => [...needs].every((number) => !open.has(number)));
    if (free.length === 0) break;
    for (const [number] of free) open.delete(number);
  }
  if (open.size === 0) return [];
  return [`tasks › depends_on: ${[...open.keys()].map((number) => `#${number}`).join(", ")} wait for each other`];
}

function findBrokenClaims(rows: SeedRows): string[] {
  return rows.tasks.flatMap((task) => {
    const claims = rows.claims.filter((claim) => claim.task === task.number);
    const verdicts = rows.verifications.filter((verdict) => verdict.task === task.number);
    return checkTask(task, claims, verdicts).map((problem) => `tasks › #${task.number}: ${problem}`);
  });
}

function checkTask(
  task: SeedRow<"tasks">,
  claims: readonly SeedRow<"claims">[],
  verdicts: readonly SeedRow<"verifications">[],
): string[] {
  const problems: string[] = [];
  const epochs = claims.map((claim) => claim.epoch).sort((a, b) => a - b);
  if (epochs.some((epoch, index) => epoch !== index + 1))
    problems.push(`epochs are ${epochs.join(", ")}, not 1, 2, 3 …`);
  const held = claims.filter((claim) => claim.ended_at === undefined);
  if (held.length > 1) problems.push("two claims are held at once");
  const [holder] = held;
  if (task.status === "in_progress" && holder?.kind !== "work") problems.push("in_progress, but no work claim is held");
  if (task.status === "in_review" && holder?.kind === "work") problems.push("in_review, but a work claim is held");
  if (!["in_progress", "in_review"].includes(task.status) && holder !== undefined)
    problems.push("a claim is still held");
  for (const verdict of verdicts) {
    const review = claims.find((claim) => claim.epoch === verdict.epoch);
    if (review?.kind !== "review") problems.push(`the verdict of epoch ${verdict.epoch} has no review claim`);
    const isAuthor = claims.some((claim) => claim.kind === "work" && claim.agent === review?.agent);
    if (isAuthor) problems.push(`${review?.agent} verifies its own work in epoch ${verdict.epoch}`);
  }
  if (task.status === "done" && !verdicts.some((verdict) => verdict.verdict === "pass"))
    problems.push("done, but not verified");
  if (task.status === "blocked" && task.blocked === undefined) problems.push("blocked, but not by what");
  if (task.status !== "triage" && task.acceptance.length === 0) problems.push("has no acceptance item");
  return problems;
}
