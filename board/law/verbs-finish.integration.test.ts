/** Ending a claim through the law's functions, what stewards do to claims, and work that comes too late. */
import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { callVerb } from "../../test/support/call-verb.ts";
import { refusalOf, STEWARD, withLaw } from "../../test/support/law-fixture.ts";

const law = withLaw();
const call = (verb: string, ...args: readonly unknown[]) => callVerb(law.directus, verb, ...args);
const codeOf = async (write: Promise<unknown>) => (await refusalOf(write))?.code ?? "accepted";
const commit = { commit: "3f9c1e2" };

async function claimed(fields = {}, agent = law.agents.a1): Promise<string> {
  const { id } = await law.addTask(fields);
  await call("claim", agent, id, "s");
  return String(id);
}

describe("submit", () => {
  test("names the result, books its usage and ends the claim", async () => {
    const id = await claimed();
    const state = await call("submit", law.agents.a1, id, 1, {
      ...commit,
      closing_note: "Done so.",
      tokens_in: 900,
      tokens_out: 80,
      cost_usd: 0.05,
    });
    expect(state).toMatchObject({ id, status: "in_review", version: 3, claim_epoch: 1 });
    expect(await law.task(id)).toMatchObject({
      submitted_commit: "3f9c1e2",
      submitted_by: law.agents.a1,
      closing_note: "Done so.",
      claim_session: null,
    });
    expect(await law.rows("select ended_by, tokens_in, tokens_out, cost_usd from os_claims")).toEqual([
      { ended_by: "submitted", tokens_in: 900, tokens_out: 80, cost_usd: "0.0500" },
    ]);
    expect(await law.rows("select from muster.leases")).toEqual([]);
  });

  test("is refused without a result, with a dead or missing fence, from others, and of the wrong shape", async () => {
    const id = await claimed();
    expect(await codeOf(call("submit", law.agents.a1, id, 1, {}))).toBe("MUSTER_SUBMISSION_REQUIRED");
    expect(await codeOf(call("submit", law.agents.a1, id, 2, commit))).toBe("MUSTER_FENCED");
    expect(await codeOf(call("submit", law.agents.a1, id, null, commit))).toBe("MUSTER_FENCE_REQUIRED");
    expect(await codeOf(call("submit", law.agents.a2, id, 1, commit))).toBe("MUSTER_FENCED");
    expect(await codeOf(call("submit", law.agents.a1, id, 1, { ...commit, status: "done" }))).toBe(
      "MUSTER_VALUE_INVALID",
    );
    expect(await codeOf(call("submit", law.agents.a1, id, 1, { commit: 7 }))).toBe("MUSTER_VALUE_INVALID");
    expect(await codeOf(call("submit", law.agents.a1, id, 1, { ...commit, cost_usd: -1 }))).toBe(
      "MUSTER_VALUE_INVALID",
    );
    expect(await law.task(id)).toMatchObject({ status: "in_progress", version: 2 });
  });

  test("is not a verifier's", async () => {
    const { id } = await law.submittedTask();
    await call("claim", law.agents.b1, id, "r");
    expect(await codeOf(call("submit", law.agents.b1, id, 2, { commit: "other" }))).toBe("MUSTER_TRANSITION_ILLEGAL");
    expect(await law.task(id)).toMatchObject({ submitted_commit: "3f9c1e2" });
  });
});

describe("giving up", () => {
  test("release gives back, and its reason goes to the next holder", async () => {
    const id = await claimed();
    expect(await call("release", law.agents.a1, id, 1, "Wrong branch.")).toMatchObject({ status: "ready" });
    expect(await law.rows("select outcome from os_claims")).toEqual([{ outcome: "discarded" }]);
    expect(await codeOf(call("release", law.agents.a1, id, 1))).toBe("MUSTER_FENCED");
    expect(await law.rows("select kind, body from os_notes")).toEqual([{ kind: "handoff", body: "Wrong branch." }]);
  });

  test("fail needs a reason, and retries at once, later or by a person", async () => {
    const id = await claimed();
    expect(await codeOf(call("fail_task", law.agents.a1, id, 1, " "))).toBe("MUSTER_REASON_REQUIRED");
    expect(await call("fail_task", law.agents.a1, id, 1, "No luck.")).toMatchObject({ status: "ready" });
    await call("claim", law.agents.a1, id, "s");
    expect(await call("fail_task", law.agents.a1, id, 2, "Rate limit.", { retry_after_seconds: 60 })).toMatchObject({
      status: "blocked",
    });
    expect(await law.task(id)).toMatchObject({ blocked_type: "transient", blocked_reason: "Rate limit." });
    const other = await claimed();
    await call("fail_task", law.agents.a1, other, 1, "Cannot be.", { retry: false });
    expect(await law.task(other)).toMatchObject({ blocked_type: "needs_human", blocked_owner: "steward" });
  });

  test("block says what is missing; a steward needs no fence", async () => {
    const id = await claimed();
    expect(await codeOf(call("block", law.agents.a1, id, 1, { type: "needs_human", reason: "Key." }))).toBe(
      "MUSTER_BLOCK_INCOMPLETE",
    );
    expect(await codeOf(call("block", law.agents.a1, id, 1, { type: "transient", reason: "x", until: "soon" }))).toBe(
      "MUSTER_VALUE_INVALID",
    );
    expect(await call("block", STEWARD, id, null, { type: "transient", reason: "Pause." })).toMatchObject({
      status: "blocked",
    });
  });
});

describe("verdict", () => {
  async function underReview(fields = {}): Promise<string> {
    const { id } = await law.submittedTask(fields);
    await call("claim", law.agents.b1, id, "r");
    return String(id);
  }

  test("passes with evidence and checks, made at the submitted commit", async () => {
    const id = await underReview();
    const checks = [{ command: "npm test", exit_code: 0, log_sha256: "ab" }];
    const state = await call("verdict", law.agents.b1, id, 2, "pass", "All 9 pass.", { checks, commit: "3f9c1e2" });
    expect(state).toMatchObject({ status: "done" });
    expect(await law.rows("select id, verdict, checks, model_family from os_verifications")).toEqual([
      { id: state["verification"], verdict: "pass", checks, model_family: "beta" },
    ]);
    expect(await law.rows("select outcome from os_claims where kind = 'work'")).toEqual([{ outcome: "accepted" }]);
  });

  test("is refused without evidence, over a failed check, at another commit, and without the review claim", async () => {
    const id = await underReview();
    const failed = { checks: [{ command: "npm test", exit_code: 1 }] };
    for (const [args, code] of [
      [["pass", " "], "MUSTER_EVIDENCE_REQUIRED"],
      [["inconclusive", null], "MUSTER_EVIDENCE_REQUIRED"],
      [["pass", "ok", failed], "MUSTER_EVIDENCE_REQUIRED"],
      [["pass", "ok", { commit: "other" }], "MUSTER_EVIDENCE_REQUIRED"],
      [["pass", "ok", { checks: [{ command: "npm test" }] }], "MUSTER_VALUE_INVALID"],
      [["maybe", "ok"], "MUSTER_VALUE_INVALID"],
    ] as const) {
      expect(await codeOf(call("verdict", law.agents.b1, id, 2, ...args)), JSON.stringify(args)).toBe(code);
    }
    expect(await codeOf(call("verdict", law.agents.a2, id, 2, "pass", "ok"))).toBe("MUSTER_FENCED");
    const held = await claimed();
    expect(await codeOf(call("verdict", law.agents.a1, held, 1, "pass", "ok"))).toBe("MUSTER_TRANSITION_ILLEGAL");
    expect(await codeOf(call("verdict", law.agents.a1, held, 1, "fail", "ok"))).toBe("MUSTER_TRANSITION_ILLEGAL");
    expect(await law.task(id)).toMatchObject({ status: "in_review" });
  });

  describe("of a task whose acceptance names checks", () => {
    const acceptance = [
      { id: "a1", text: "The tests pass.", check: "npm test" },
      { id: "a2", text: "It lints.", check: "npm run lint" },
      { id: "a3", text: "It reads well." },
    ];
    const both = [
      { command: "npm test", exit_code: 0 },
      { command: "npm run lint", exit_code: 0 },
    ];

    test("passes with each of them at the submitted commit", async () => {
      const id = await underReview({ acceptance });
      const options = { checks: both, ...commit };
      expect(await call("verdict", law.agents.b1, id, 2, "pass", "Ran both.", options)).toMatchObject({
        status: "done",
      });
    });

    test("is refused with one missing, misspelt or failed, and with no commit or another one; from a steward, too", async () => {
      const id = await underReview({ acceptance });
      const misspelt = [{ command: "npm  test", exit_code: 0 }, ...both.slice(1)];
      const failed = [{ command: "npm test", exit_code: 1 }, ...both.slice(1)];
      for (const options of [
        {},
        { ...commit },
        { checks: both },
        { checks: both, commit: "other" },
        { checks: both.slice(1), ...commit },
        { checks: misspelt, ...commit },
        { checks: failed, ...commit },
      ]) {
        const sent = JSON.stringify(options);
        expect(await codeOf(call("verdict", law.agents.b1, id, 2, "pass", "ok", options)), sent).toBe(
          "MUSTER_EVIDENCE_REQUIRED",
        );
        expect(await codeOf(call("verdict", STEWARD, id, null, "pass", "ok", options)), sent).toBe(
          "MUSTER_EVIDENCE_REQUIRED",
        );
      }
      const told = await refusalOf(call("verdict", law.agents.b1, id, 2, "pass", "ok", commit));
      expect(told?.message).toContain("npm run lint, npm test");
      expect(await law.task(id)).toMatchObject({ status: "in_review", version: 4 });
    });

    test("is refused when only an artefact was submitted: there is no commit to check", async () => {
      const { id } = await law.addTask({ acceptance });
      await call("claim", law.agents.a1, id, "s");
      await call("submit", law.agents.a1, id, 1, { artifact: "build 7" });
      await call("claim", law.agents.b1, id, "r");
      expect(await codeOf(call("verdict", law.agents.b1, id, 2, "pass", "ok", { checks: both }))).toBe(
        "MUSTER_EVIDENCE_REQUIRED",
      );
      expect(await call("verdict", law.agents.b1, id, 2, "fail", "No commit.")).toMatchObject({ status: "ready" });
    });

    test("by a plain PATCH is refused to everybody, and told to use the verb; a fail is not", async () => {
      const id = await underReview({ acceptance });
      const pass = { status: "done", evidence: "Ran both." };
      for (const refused of [
        await law.refusal(law.agents.b1, id, { ...pass, fence: 2 }),
        await law.refusal(STEWARD, id, pass),
      ]) {
        expect(refused).toMatchObject({ code: "MUSTER_EVIDENCE_REQUIRED", status: 422 });
        expect(refused.message).toContain("verdict verb");
      }
      expect(await law.rows("select from os_verifications")).toEqual([]);
      expect(await law.patch(law.agents.b1, id, { status: "ready", fence: 2, evidence: "2 fail" })).toMatchObject({
        status: "ready",
      });
    });
  });

  test("fails to ready, one attempt more, then to quarantine", async () => {
    const id = await underReview({ max_attempts: 1 });
    expect(await call("verdict", law.agents.b1, id, 2, "fail", "No.")).toMatchObject({ status: "blocked" });
    expect(await law.task(id)).toMatchObject({ blocked_type: "quarantined", attempt: 1 });
  });

  test("that decides nothing is recorded and never a pass", async () => {
    const id = await underReview();
    expect(await call("verdict", law.agents.b1, id, 2, "inconclusive", "Timeout.")).toMatchObject({
      status: "in_review",
    });
    expect(await law.rows("select verdict from os_verifications")).toEqual([{ verdict: "inconclusive" }]);
    expect(await codeOf(call("verdict", STEWARD, id, null, "inconclusive", "x"))).toBe("MUSTER_VALUE_INVALID");
    expect(await call("verdict", STEWARD, id, null, "pass", "Looked at it.")).toMatchObject({ status: "done" });
  });
});

describe("in one commit", () => {
  test("advance submits and claims the next; a refused submission claims nothing", async () => {
    const id = await claimed();
    const { id: next } = await law.addTask();
    const finish = { task: id, fence: 1, ...commit };
    expect(await codeOf(call("advance", law.agents.a1, "s", { ...finish, fence: 9 }))).toBe("MUSTER_FENCED");
    expect((await law.rows("select from muster.leases")).length).toBe(1);
    expect(await call("advance", law.agents.a1, "s", finish)).toMatchObject({
      submitted: { id, status: "in_review" },
      next: { claimed: true, fence: 1, task: { id: next } },
    });
    expect(await call("advance", law.agents.a1, "s", { ...finish, task: next })).toMatchObject({
      submitted: { id: next },
      next: { claimed: false, reason: "nothing_ready" },
    });
  });

  test("complete_many applies what it can and says why not of the rest", async () => {
    const first = await claimed();
    const second = await claimed();
    const answer = await call("complete_many", law.agents.a1, [
      { task: first, fence: 1, ...commit },
      { task: second, fence: 7, ...commit },
    ]);
    expect(answer).toMatchObject({
      applied: [{ id: first, status: "in_review" }],
      refused: [{ task: second, code: "MUSTER_FENCED" }],
    });
    expect(await law.task(second)).toMatchObject({ status: "in_progress" });
  });
});

describe("a steward", () => {
  test("steals a claim with a reason: the holder is fenced off and the task ready at once", async () => {
    const id = await claimed();
    expect(await codeOf(call("steal", law.agents.a2, id, "Mine."))).toBe("MUSTER_STEWARD_ONLY");
    expect(await codeOf(call("steal", STEWARD, id, ""))).toBe("MUSTER_REASON_REQUIRED");
    expect(await call("steal", STEWARD, id, "Agent is stuck.")).toMatchObject({ status: "ready", claim_epoch: 2 });
    expect(await codeOf(call("submit", law.agents.a1, id, 1, commit))).toBe("MUSTER_FENCED");
    expect(await codeOf(call("steal", STEWARD, id, "Again."))).toBe("MUSTER_CLAIM_REQUIRED");
    expect(await call("claim_next", law.agents.a2, "s")).toMatchObject({ fence: 3 });
  });

  test("cancels and reopens with a reason, one epoch further each time", async () => {
    const id = await claimed();
    expect(await codeOf(call("reopen", STEWARD, id, "Why."))).toBe("MUSTER_TRANSITION_ILLEGAL");
    expect(await codeOf(call("cancel", STEWARD, id, null))).toBe("MUSTER_REASON_REQUIRED");
    expect(await call("cancel", STEWARD, id, "Not needed.")).toMatchObject({ status: "cancelled", claim_epoch: 2 });
    expect(await call("reopen", STEWARD, id, "Needed after all.")).toMatchObject({ status: "ready", claim_epoch: 3 });
    expect(await codeOf(call("reopen", law.agents.a1, id, "x"))).toBe("MUSTER_STEWARD_ONLY");
  });
});

describe("late work", () => {
  test("of a claim that has ended is kept as a finding, and marked a duplicate once another result counts", async () => {
    const id = await claimed();
    await law.expire(id);
    await call("claim", law.agents.a2, id, "s2");
    await call("submit", law.agents.a2, id, 2, commit);
    expect(await codeOf(call("submit", law.agents.a1, id, 1, { commit: "late1" }))).toBe("MUSTER_FENCED");
    expect(await call("keep_late", law.agents.a1, id, 1, { commit: "late1" })).toMatchObject({ kept: true });
    const [note] = await law.rows("select kind, body from os_notes");
    expect(note).toMatchObject({ kind: "finding", body: expect.stringContaining("late1") });
    expect(await law.rows("select epoch, outcome from os_claims order by epoch")).toEqual([
      { epoch: 1, outcome: "duplicate" },
      { epoch: 2, outcome: null },
    ]);
    expect(await codeOf(call("keep_late", law.agents.b1, id, 1, { commit: "x" }))).toBe("MUSTER_NOT_HOLDER");
  });

  test("replayed from an outbox is applied once; a refusal is an answer with the work kept", async () => {
    const id = await claimed();
    const op = randomUUID();
    const operation = { verb: "submit", args: { task: id, fence: 1, result: commit } };
    expect(await call("apply_op", law.agents.a1, op, operation)).toMatchObject({
      result: "applied",
      answer: { status: "in_review" },
    });
    expect(await call("apply_op", law.agents.a1, op, operation)).toMatchObject({
      result: "duplicate",
      answer: { status: "in_review" },
    });
    expect(await call("submit", law.agents.a1, id, 1, commit, op)).toMatchObject({ status: "in_review", version: 3 });

    const stolen = await claimed();
    await call("steal", STEWARD, stolen, "Stuck.");
    const late = randomUUID();
    const rejected = await call("apply_op", law.agents.a1, late, {
      verb: "submit",
      args: { task: stolen, fence: 1, result: { commit: "late2" } },
    });
    expect(rejected).toMatchObject({
      result: "rejected",
      error: { code: "MUSTER_FENCED", sqlstate: "MU412" },
      kept: expect.any(String),
    });
    expect((await law.rows("select body from os_notes where id = $1", [rejected["kept"]]))[0]?.["body"]).toContain(
      "late2",
    );
    expect(await call("apply_op", law.agents.a1, late, operation)).toMatchObject({
      result: "duplicate",
      kept: rejected["kept"],
    });
    expect(await codeOf(call("apply_op", law.agents.a2, late, operation))).toBe("MUSTER_OPERATION_REUSED");
    expect(await codeOf(call("apply_op", law.agents.a1, randomUUID(), { verb: "steal", args: {} }))).toBe(
      "MUSTER_VALUE_INVALID",
    );
  });
});
