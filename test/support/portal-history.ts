/** Three tasks that may be seen and one of a private project, with claims, a verdict, a note and a receipt; times count back from the import. */
export const HISTORY = {
  organizations: [{ key: "demo", name: "Demo Co" }],
  repositories: [{ key: "open-api", name: "Open API", url: "https://git.example/open-api.git" }],
  projects: [
    { key: "open", name: "Open", organization: "demo", repository: "open-api" },
    { key: "hidden", name: "Hidden", organization: "demo", visibility: "private" },
  ],
  phases: [{ project: "open", key: "P0", name: "Ground", status: "active" }],
  agents: [
    { name: "a01", title: "Builder", model_family: "claude", model: "one" },
    { name: "a02", title: "Verifier", model_family: "gpt", model: "two" },
  ],
  tasks: [
    {
      ...{ number: 1, project: "open", phase: "P0", title: "Proven", class: "feature", status: "done", priority: "P1" },
      ...{
        risk: "low",
        acceptance: [{ id: "a1", text: "It holds" }],
        submitted_commit: "3f9c1e2",
        closing_note: "Done.",
      },
      ...{ submitted_at: "-3h", submitted_by: "a01", verified_by: "a02", verified_at: "-2h", done_at: "-2h" },
    },
    {
      ...{
        number: 2,
        project: "open",
        phase: "P0",
        title: "Held",
        class: "bug",
        status: "in_progress",
        priority: "P0",
      },
      ...{ risk: "high", acceptance: [{ id: "a1", text: "It holds" }], assigned_to: "a01", lease_seconds: 900 },
    },
    {
      ...{ number: 3, project: "open", title: "Asks", class: "chore", status: "blocked", priority: "P2", risk: "low" },
      ...{
        blocked_type: "needs_human",
        blocked_reason: "Two ways",
        blocked_owner: "Ines",
        blocked_action: "Choose one",
      },
    },
    { number: 4, project: "hidden", title: "Secret", class: "chore", status: "triage", priority: "P2", risk: "low" },
  ],
  dependencies: [{ task: 2, depends_on: 1 }],
  claims: [
    {
      task: 1,
      epoch: 1,
      agent: "a01",
      session: "s1",
      claimed_at: "-4h",
      ended_at: "-3h",
      ended_by: "submitted",
      outcome: "accepted",
    },
    {
      task: 1,
      epoch: 2,
      kind: "review",
      agent: "a02",
      session: "s2",
      claimed_at: "-3h",
      ended_at: "-2h",
      ended_by: "verdict",
    },
    {
      task: 2,
      epoch: 1,
      agent: "a01",
      session: "s3",
      claimed_at: "-10m",
      heartbeat_at: "-9s",
      tokens_in: 1_971_093_771,
      cost_usd: 0.53,
    },
  ],
  verifications: [
    {
      ...{
        task: 1,
        epoch: 2,
        agent: "a02",
        verdict: "pass",
        evidence: "Saw it hold.",
        commit_sha: "3f9c1e2",
        created_at: "-2h",
      },
      checks: [{ command: "make prove", exit_code: 0, log_sha256: "a".repeat(64) }],
    },
  ],
  notes: [{ task: 2, agent: "a01", kind: "note", body: "<b>not bold</b>" }],
  releases: [
    {
      ...{ repository: "open-api", project: "open", version: "0.1.0", name: "First", status: "released" },
      ...{ commit_sha: "3f9c1e2", notes: "It holds.", released_at: "-1h" },
    },
  ],
  usage: [{ kind: "hosting", cost_usd: 4.21, at: "-24h", key: "box day 1" }],
  receipts: [{ number: 1, task: 1, title: "Green, wrongly", symptom: "Green.", needed_fleet: "no", issued_at: "-2h" }],
};
