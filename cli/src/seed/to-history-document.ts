import { deriveTaskFacts, dropAbsent } from "./derive-task-facts.ts";
import type { LoadedSeed } from "./load-seed.ts";
import { RECEIPT_STEPS, type SeedRow, type SeedRows } from "./seed-schema.ts";
import { resolveSeedTimeMs } from "./seed-time.ts";

/** What `muster.import_history` takes: rows by collection, in the order in which they are written. */
export type HistoryDocument = Readonly<Record<string, readonly object[]>>;

/**
 * Turns a checked seed into the document that the database imports. Offsets become instants around `now`. Pure.
 */
export function toHistoryDocument(seed: LoadedSeed, now: Date): HistoryDocument {
  const { rows } = seed;
  const at = (text: string): string => new Date(resolveSeedTimeMs(text, now.getTime())).toISOString();
  const document = {
    organizations: rows.organizations,
    contacts: rows.contacts,
    repositories: rows.repositories,
    projects: rows.projects,
    phases: rows.phases,
    agents: seed.agents,
    tasks: rows.tasks.map((task) => toTask(task, rows)),
    dependencies: rows.tasks.flatMap((task) =>
      task.depends_on.map((number) => ({ task: task.number, depends_on: number, created_at: task.created_at })),
    ),
    claims: rows.claims.map(({ commit: _commit, artifact: _artifact, ...claim }) => claim),
    notes: rows.notes.map(({ at: created_at, ...note }) => ({ ...note, created_at })),
    verifications: rows.verifications.map((verdict) => toVerification(verdict, rows)),
    receipts: rows.receipts.map((receipt) => toReceipt(receipt, at)),
    releases: rows.releases,
    usage: rows.usage,
    reservations: rows.reservations,
    sessions: rows.sessions,
  };
  return Object.fromEntries(
    Object.entries(document).map(([collection, list]) => [collection, list.map((row) => resolveTimes(row, at))]),
  );
}

function toTask(task: SeedRow<"tasks">, rows: SeedRows): object {
  const { depends_on: _dependencies, blocked, acceptance, ...own } = task;
  return dropAbsent({
    ...own,
    acceptance: acceptance.map((text, index) => ({ id: `a${index + 1}`, text })),
    ...deriveTaskFacts(task, rows),
    blocked_type: blocked?.type,
    blocked_reason: blocked?.reason,
    blocked_owner: blocked?.owner,
    blocked_action: blocked?.action,
    blocked_until: blocked?.until,
  });
}

function toVerification(verdict: SeedRow<"verifications">, rows: SeedRows): object {
  const claims = rows.claims.filter((claim) => claim.task === verdict.task);
  const review = claims.find((claim) => claim.epoch === verdict.epoch);
  const judged = claims
    .filter((claim) => claim.kind === "work" && claim.epoch < verdict.epoch)
    .sort((a, b) => a.epoch - b.epoch)
    .at(-1);
  return dropAbsent({
    ...verdict,
    claim: judged?.epoch,
    attempt: review?.attempt,
    agent: review?.agent,
    session: review?.session,
    commit_sha: judged?.commit,
    created_at: review?.ended_at,
  });
}

function toReceipt(receipt: SeedRow<"receipts">, at: (text: string) => string): object {
  const { steps, ...own } = receipt;
  const texts = Object.fromEntries(RECEIPT_STEPS.map((name) => [name, steps[name].text]));
  return {
    ...own,
    ...texts,
    steps: RECEIPT_STEPS.map((name) => ({ name, at: at(steps[name].at), text: steps[name].text })),
  };
}

const TIME_KEYS: ReadonlySet<string> = new Set(["at", "blocked_until", "expires_at"]);

function resolveTimes(row: object, at: (text: string) => string): object {
  return Object.fromEntries(
    Object.entries(row)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]: [string, unknown]) => {
        const isTime = typeof value === "string" && (key.endsWith("_at") || TIME_KEYS.has(key));
        return [key, isTime ? at(value) : value];
      }),
  );
}
