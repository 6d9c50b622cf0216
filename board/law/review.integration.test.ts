import { describe, expect, test } from "vitest";
import { createItem } from "../../test/support/directus-writes.ts";
import { claim, STEWARD, submit, withLaw } from "../../test/support/law-fixture.ts";

const law = withLaw();

describe("review", () => {
  test("passes: the task is done, with a verification of the judged claim", async () => {
    const { id } = await law.submittedTask();
    expect(await law.patch(law.agents.b1, id, claim("review"))).toMatchObject({
      status: "in_review",
      assigned_to: law.agents.b1,
      claim_epoch: 2,
    });
    expect(
      await law.patch(law.agents.b1, id, { status: "done", fence: 2, evidence: "npm test: 12 passed" }),
    ).toMatchObject({
      status: "done",
      verified_by: law.agents.b1,
      submitted_by: law.agents.a1,
      assigned_to: null,
      evidence: null,
      fence: null,
    });
    const [work] = await law.rows("select id, outcome from os_claims where kind = 'work'");
    expect(work).toMatchObject({ outcome: "accepted" });
    expect(await law.rows("select * from os_verifications")).toMatchObject([
      {
        claim: work?.["id"],
        attempt: 1,
        epoch: 2,
        verifier: law.agents.b1,
        model_family: "beta",
        session: "review",
        verdict: "pass",
        evidence: "npm test: 12 passed",
        commit_sha: "3f9c1e2",
        origin: "live",
      },
    ]);
  });

  test("is refused to every author, user or session", async () => {
    const { id } = await law.addTask();
    await law.patch(law.agents.a2, id, claim("first"));
    await law.patch(law.agents.a2, id, { status: "ready", fence: 1 });
    await law.patch(law.agents.a1, id, claim("second"));
    await law.patch(law.agents.a1, id, { ...submit, fence: 2 });
    expect(await law.refusal(law.agents.a1, id, claim("fresh"))).toMatchObject({
      code: "MUSTER_SELF_REVIEW",
      status: 403,
    });
    expect(await law.refusal(law.agents.a2, id, claim("fresh"))).toMatchObject({ code: "MUSTER_SELF_REVIEW" });
    expect(await law.refusal(law.agents.b1, id, claim("second"))).toMatchObject({ code: "MUSTER_SELF_REVIEW" });
    await expect(law.patch(law.agents.b1, id, claim("fresh"))).resolves.toMatchObject({ assigned_to: law.agents.b1 });
  });

  test.each(["medium", "high"])("needs another model family at risk %s", async (risk) => {
    const { id } = await law.submittedTask({ risk });
    expect(await law.refusal(law.agents.a2, id, claim("review"))).toMatchObject({
      code: "MUSTER_SAME_FAMILY",
      status: 403,
    });
    await expect(law.patch(law.agents.b1, id, claim("review"))).resolves.toMatchObject({ assigned_to: law.agents.b1 });
  });

  test("checks the model family again at the verdict, when the risk was raised in between", async () => {
    const { id } = await law.submittedTask();
    await law.patch(law.agents.a2, id, claim("review"));
    await law.patch(STEWARD, id, { risk: "high" });
    expect(await law.refusal(law.agents.a2, id, { status: "done", fence: 2, evidence: "ok" })).toMatchObject({
      code: "MUSTER_SAME_FAMILY",
    });
  });

  test("a verdict needs its own claim, its fence and evidence", async () => {
    const { id } = await law.submittedTask();
    expect(await law.refusal(law.agents.b1, id, { status: "done", evidence: "ok" })).toMatchObject({
      code: "MUSTER_CLAIM_REQUIRED",
    });
    expect(await law.refusal(law.agents.a1, id, { status: "done", fence: 1, evidence: "ok" })).toMatchObject({
      code: "MUSTER_FENCED",
    });
    await law.patch(law.agents.b1, id, claim("review"));
    expect(await law.refusal(law.agents.b1, id, { status: "done", evidence: "ok" })).toMatchObject({
      code: "MUSTER_FENCE_REQUIRED",
    });
    expect(await law.refusal(law.agents.b1, id, { status: "done", fence: 2 })).toMatchObject({
      code: "MUSTER_EVIDENCE_REQUIRED",
    });
    expect(await law.refusal(law.agents.b1, id, { status: "done", fence: 2, evidence: "  " })).toMatchObject({
      code: "MUSTER_EVIDENCE_REQUIRED",
    });
    expect(await law.refusal(law.agents.b1, id, { fence: 2, evidence: "ok" })).toMatchObject({
      code: "MUSTER_TRANSITION_ILLEGAL",
    });
    expect(await law.refusal(law.agents.b1, id, { submitted_commit: "0000000", fence: 2 })).toMatchObject({
      code: "MUSTER_STEWARD_ONLY",
    });
  });

  test("fails: back to ready with one attempt more, then quarantined when they are used up", async () => {
    const { id } = await law.submittedTask({ max_attempts: 2 });
    await law.patch(law.agents.b1, id, claim("review"));
    expect(await law.patch(law.agents.b1, id, { status: "ready", fence: 2, evidence: "2 of 12 fail" })).toMatchObject({
      status: "ready",
      attempt: 1,
      assigned_to: null,
    });
    expect(await law.rows("select outcome from os_claims where epoch = 1")).toEqual([{ outcome: "rework" }]);
    expect(await law.patch(law.agents.a1, id, claim("again"))).toMatchObject({
      claim_epoch: 3,
      submitted_commit: null,
      submitted_by: null,
    });
    await law.patch(law.agents.a1, id, { ...submit, fence: 3 });
    await law.patch(law.agents.b1, id, claim("review"));
    expect(await law.patch(law.agents.b1, id, { status: "ready", fence: 4, evidence: "still 2" })).toMatchObject({
      status: "blocked",
      blocked_type: "quarantined",
      attempt: 2,
    });
    await law.patch(STEWARD, id, { status: "ready" });
    expect(await law.refusal(law.agents.a1, id, claim())).toMatchObject({ code: "MUSTER_ATTEMPTS_EXHAUSTED" });
    await law.patch(STEWARD, id, { max_attempts: 3 });
    await expect(law.patch(law.agents.a1, id, claim())).resolves.toMatchObject({ status: "in_progress" });
  });

  test("can be given back", async () => {
    const { id } = await law.submittedTask();
    await law.patch(law.agents.b1, id, claim("review"));
    expect(await law.patch(law.agents.b1, id, { claim_session: null, fence: 2 })).toMatchObject({
      status: "in_review",
      assigned_to: null,
      claim_session: null,
    });
    await expect(law.patch(law.agents.a2, id, claim("mine"))).resolves.toMatchObject({
      claim_epoch: 3,
      assigned_to: law.agents.a2,
    });
  });

  test("makes dependents ready in the same transaction, the last dependency only", async () => {
    const first = await law.submittedTask();
    const second = await law.submittedTask();
    const { id } = await law.addTask();
    await law.patch(law.agents.b1, id, claim());
    await law.patch(law.agents.b1, id, {
      status: "blocked",
      fence: 1,
      blocked_type: "dependency",
      blocked_reason: "Waits.",
    });
    for (const { id: depends_on } of [first, second])
      await createItem(law.directus, STEWARD, "os_task_dependencies", { task: id, depends_on });
    await law.patch(law.agents.b1, first["id"], claim());
    await law.patch(law.agents.b1, first["id"], { status: "done", fence: 2, evidence: "ok" });
    expect(await law.task(id)).toMatchObject({ status: "blocked" });
    await law.patch(law.agents.b1, second["id"], claim());
    await law.patch(law.agents.b1, second["id"], { status: "done", fence: 2, evidence: "ok" });
    expect(await law.task(id)).toMatchObject({ status: "ready", blocked_type: null, version: 4 });
  });
});
