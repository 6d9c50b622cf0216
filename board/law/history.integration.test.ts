import { beforeEach, describe, expect, test } from "vitest";
import { claim, refusalOf, withLaw } from "../../test/support/law-fixture.ts";

const law = withLaw();

const reviewed = [
  {
    task: 1,
    epoch: 1,
    agent: "s1",
    session: "w",
    claimed_at: "-5h",
    ended_at: "-4h",
    ended_by: "submitted",
    outcome: "rework",
  },
  {
    task: 1,
    epoch: 2,
    kind: "review",
    agent: "s2",
    session: "r",
    claimed_at: "-4h",
    ended_at: "-3h30m",
    ended_by: "verdict",
  },
  {
    task: 1,
    epoch: 3,
    agent: "s1",
    session: "w",
    attempt: 2,
    claimed_at: "-3h",
    ended_at: "-2h",
    ended_by: "submitted",
    outcome: "accepted",
  },
  {
    task: 1,
    epoch: 4,
    kind: "review",
    agent: "s2",
    session: "r",
    attempt: 2,
    claimed_at: "-2h",
    ended_at: "-1h",
    ended_by: "verdict",
  },
];
const acceptance = [{ id: "a1", text: "Done." }];
const history = {
  organizations: [{ key: "org", name: "Org" }],
  repositories: [{ key: "repo", name: "repo" }],
  projects: [{ key: "seeded", name: "Seeded", organization: "org", repository: "repo" }],
  phases: [{ project: "seeded", key: "P0", name: "Zero", status: "active", started_at: "-6h" }],
  agents: [
    { name: "s1", model_family: "alpha", capabilities: ["sql"] },
    { name: "s2", model_family: "beta" },
  ],
  tasks: [
    {
      number: 1,
      project: "seeded",
      phase: "P0",
      title: "Reviewed",
      status: "done",
      risk: "high",
      acceptance,
      attempt: 1,
      submitted_commit: "abc",
      submitted_at: "-2h",
      verified_at: "-1h",
      created_at: "-6h",
      closing_note: "Good.",
    },
    { number: 2, project: "seeded", title: "At work", status: "in_progress", acceptance, created_at: "-6h" },
    {
      number: 3,
      project: "seeded",
      title: "Waiting",
      status: "blocked",
      acceptance,
      blocked_type: "dependency",
      blocked_reason: "Waits for 2.",
      created_at: "-6h",
    },
    { number: 4, project: "seeded", title: "Idea", created_at: "-6h" },
    { number: 5, project: "seeded", title: "Dropped", status: "cancelled", status_reason: "No.", created_at: "-6h" },
  ],
  dependencies: [{ task: 3, depends_on: 2 }],
  claims: [...reviewed, { task: 2, epoch: 1, agent: "s1", session: "w2", claimed_at: "-10m", heartbeat_at: "-5s" }],
  notes: [{ task: 1, agent: "s1", kind: "decision", body: "So be it.", created_at: "-4h" }],
  verifications: [
    { task: 1, epoch: 2, agent: "s2", verdict: "fail", evidence: "Red.", created_at: "-3h30m" },
    {
      task: 1,
      epoch: 4,
      agent: "s2",
      verdict: "pass",
      evidence: "Green.",
      checks: [{ command: "test", exit_code: 0, log_sha256: "0" }],
      created_at: "-1h",
    },
  ],
  receipts: [
    { number: 7, task: 1, title: "First", issued_at: "-1h" },
    { number: 3, task: 1, title: "Second", issued_at: "-30m" },
  ],
  releases: [{ repository: "repo", version: "1.0.0", status: "released", released_at: "-1h" }],
  usage: [
    { kind: "tokens", task: 1, agent: "s1", claim: 1, tokens_in: 5, at: "-1h" },
    { kind: "hosting", key: "day 1", cost_usd: 0.1 },
  ],
  reservations: [{ task: 2, agent: "s1", path: "src", expires_at: "+1h" }],
  sessions: [{ agent: "s1", session: "w", started_at: "-6h" }],
  prompts: [{ name: "start", messages: [{ role: "user", text: "Hi." }] }],
};
type Counts = Readonly<Record<string, { readonly inserted: number; readonly updated: number }>>;

async function importHistory(document: object): Promise<Counts> {
  const { rows } = await law.admin.query<{ counts: Counts }>("select muster.import_history($1) as counts", [
    JSON.stringify(document),
  ]);
  return rows[0]?.counts ?? {};
}
const total = (counts: Counts) =>
  Object.values(counts).reduce((sum, { inserted, updated }) => sum + inserted + updated, 0);
const seededTask = async (number: number) =>
  (await law.rows("select * from os_tasks where number = $1", [number]))[0] ?? {};

describe("import_history", () => {
  let counts: Counts;
  beforeEach(async () => {
    counts = await importHistory(history);
  });

  test("writes every collection and says how many rows", () => {
    expect(Object.fromEntries(Object.entries(counts).map(([name, { inserted }]) => [name, inserted]))).toEqual(
      Object.fromEntries(Object.entries(history).map(([name, rows]) => [name, rows.length])),
    );
  });

  test("writes nothing the second time", async () => {
    const before = await law.rows("select count(*)::int as events from os_events");
    expect(total(await importHistory(history))).toBe(0);
    expect(await law.rows("select count(*)::int as events from os_events")).toEqual(before);
  });

  test("finds the tasks that it names by their numbers, however large the board is", async () => {
    const more = {
      tasks: [2, 3].map((at) => ({ number: at + 10, project: "seeded", title: `Later ${at}`, created_at: "-1h" })),
      dependencies: [{ task: 12, depends_on: 13 }],
      notes: [{ task: 12, agent: "s1", body: "Found.", created_at: "-1h" }],
      usage: [{ kind: "tokens", task: 1, agent: "s1", claim: 3, tokens_in: 5, at: "-1h" }],
    };
    // Where an index can answer, it does, on a board of five tasks, too: what still reads them all could do no other.
    await law.admin.query("set enable_seqscan = off");
    await law.admin.query("discard plans");
    const read = "select seq_scan::int as whole from pg_stat_xact_user_tables where relname = 'os_tasks'";
    await law.admin.query("begin");
    try {
      expect(total(await importHistory(more))).toBe(5);
      expect(await law.rows(read)).toEqual([{ whole: 0 }]);
    } finally {
      await law.admin.query("rollback");
    }
  });

  test("leaves a trail that is gapless, chained, in order, and folds to each row", async () => {
    const tasks = await law.rows("select id, version, to_jsonb(t) as row from os_tasks t order by number");
    for (const task of tasks) {
      const events = await law.rows(
        "select kind, version, after, origin from os_events where entity_id = $1 order by version",
        [task["id"]],
      );
      expect(Object.assign({}, ...events.map(({ after }) => after))).toEqual(task["row"]);
      expect(events.at(-1)?.["version"]).toBe(task["version"]);
      expect(new Set(events.map(({ origin }) => origin))).toEqual(new Set(["seed"]));
    }
    const kinds = await law.rows("select kind from os_events where entity_id = $1 order by version", [
      tasks[0]?.["id"],
    ]);
    expect(kinds.map(({ kind }) => kind)).toEqual([
      "created",
      "claimed",
      "submitted",
      "review_claimed",
      "rejected",
      "claimed",
      "submitted",
      "review_claimed",
      "verified",
    ]);
    expect(await law.rows("select * from muster.broken_event_chains()")).toEqual([]);
    expect(
      await law.rows(
        "select from (select at, max(at) over (order by id) as latest from os_events where origin = 'seed') e where at < latest",
      ),
    ).toEqual([]);
  });

  test("works for agents that have no Directus user, and leaves their claims alive", async () => {
    expect(await seededTask(2)).toMatchObject({
      status: "in_progress",
      assigned_to: null,
      claim_session: "w2",
      claim_epoch: 1,
      origin: "seed",
    });
    expect(await law.rows("select agent, session from muster_read.leases")).toEqual([{ agent: "s1", session: "w2" }]);
    const { id } = await seededTask(2);
    expect(await law.refusal(law.agents.a1, id, claim())).toMatchObject({ code: "MUSTER_CLAIM_CONFLICT" });
    await law.expire(id);
    expect(await law.patch(law.agents.a1, id, claim())).toMatchObject({ claim_epoch: 2, assigned_to: law.agents.a1 });
  });

  test("never overwrites live work, and follows the document's words on reference rows", async () => {
    const { id } = await seededTask(2);
    await law.expire(id);
    await law.patch(law.agents.a1, id, claim());
    const changed = {
      ...history,
      organizations: [{ key: "org", name: "Renamed" }],
      tasks: history.tasks.map((task) => ({ ...task, title: "Overwritten" })),
    };
    expect(await importHistory(changed)).toMatchObject({
      organizations: { inserted: 0, updated: 1 },
      tasks: { inserted: 0, updated: 0 },
    });
    expect(await seededTask(2)).toMatchObject({ title: "At work", assigned_to: law.agents.a1 });
  });

  test("chains receipts in the order of their arrival and numbers new tasks after the seeded ones", async () => {
    const receipts = await law.rows(
      "select title, prev_hash, hash, hash = muster.receipt_hash(prev_hash, r) as is_right from os_receipts r order by issued_at",
    );
    expect(receipts).toMatchObject([
      { title: "First", prev_hash: null, is_right: true },
      { title: "Second", prev_hash: receipts[0]?.["hash"], is_right: true },
    ]);
    expect((await law.addTask())["number"]).toBe(6);
  });
});

describe("a wrong document", () => {
  const base = { projects: [{ key: "p", name: "P" }], agents: history.agents };
  const task = { number: 1, project: "p", title: "T", acceptance };
  const work = { task: 1, epoch: 1, agent: "s1", claimed_at: "-2h", ended_at: "-1h", ended_by: "submitted" };
  const review = {
    task: 1,
    epoch: 2,
    kind: "review",
    agent: "s1",
    claimed_at: "-1h",
    ended_at: "-1h",
    ended_by: "verdict",
  };
  test.each([
    ["an unknown collection", { projcts: [] }, "MUSTER_DOCUMENT_INVALID"],
    ["an unknown key", { projects: [{ key: "q", name: "Q", colour: "red" }] }, "MUSTER_DOCUMENT_INVALID"],
    ["a task whose number is no number", { notes: [{ task: "1x", body: "Whose?" }] }, "MUSTER_REFERENCE_UNKNOWN"],
    ["a reference to nothing", { tasks: [{ ...task, project: "nowhere" }] }, "MUSTER_REFERENCE_UNKNOWN"],
    ["an instant that is none", { tasks: [{ ...task, created_at: "yesterday" }] }, "MUSTER_DOCUMENT_INVALID"],
    ["a value out of bounds", { tasks: [{ ...task, priority: "P9" }] }, "MUSTER_VALUE_INVALID"],
    [
      "a gap in the epochs",
      { tasks: [{ ...task, status: "in_review" }], claims: [{ ...work, epoch: 2 }] },
      "MUSTER_DOCUMENT_INVALID",
    ],
    ["work in progress without a claim", { tasks: [{ ...task, status: "in_progress" }] }, "MUSTER_DOCUMENT_INVALID"],
    [
      "a done task without a verdict",
      { tasks: [{ ...task, status: "done" }], claims: [work] },
      "MUSTER_DOCUMENT_INVALID",
    ],
    [
      "an author who reviews itself",
      { tasks: [{ ...task, status: "ready" }], claims: [work, review] },
      "MUSTER_DOCUMENT_INVALID",
    ],
  ])("with %s is refused whole", async (_, part, code) => {
    const refusal = await refusalOf(importHistory({ ...base, ...part }));
    expect(refusal).toMatchObject({ code });
    expect(await law.rows("select from os_projects where key = 'p'")).toHaveLength(0);
  });
});
