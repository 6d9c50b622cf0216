import { describe, expect, test } from "vitest";
import { patchItems } from "../../test/support/directus-writes.ts";
import { claim, STEWARD, submit, withLaw } from "../../test/support/law-fixture.ts";

const law = withLaw();

describe("a write of the holder", () => {
  test("carries the fence, renews the lease and bumps the version", async () => {
    const { id } = await law.addTask();
    const claimed = await law.patch(law.agents.a1, id, claim());
    const task = await law.patch(law.agents.a1, id, { description: "Half done.", fence: 1 });
    expect(task).toMatchObject({ description: "Half done.", version: 3, claim_epoch: 1, fence: null });
    expect(task["lease_expires_at"].getTime()).toBeGreaterThan(claimed["lease_expires_at"].getTime());
  });

  test("is refused without the fence, with a wrong one, and from others", async () => {
    const { id } = await law.addTask();
    await law.patch(law.agents.a1, id, claim());
    expect(await law.refusal(law.agents.a1, id, { title: "New" })).toMatchObject({
      code: "MUSTER_FENCE_REQUIRED",
      status: 428,
    });
    expect(await law.refusal(law.agents.a1, id, { title: "New", fence: 2 })).toMatchObject({
      code: "MUSTER_FENCED",
      status: 412,
    });
    expect(await law.refusal(law.agents.a2, id, { title: "New", fence: 1 })).toMatchObject({ code: "MUSTER_FENCED" });
    expect(await law.refusal(law.agents.a2, id, { title: "New" })).toMatchObject({
      code: "MUSTER_NOT_HOLDER",
      status: 403,
    });
  });

  test("is refused when the row has moved since it was read", async () => {
    const { id } = await law.addTask();
    await law.patch(law.agents.a1, id, claim());
    await law.patch(STEWARD, id, { priority: "P0" });
    expect(await law.refusal(law.agents.a1, id, { title: "New", fence: 1, version: 2 })).toMatchObject({
      code: "MUSTER_STALE_VERSION",
      status: 412,
      extensions: { version: 3 },
    });
    await expect(law.patch(law.agents.a1, id, { title: "New", fence: 1, version: 3 })).resolves.toMatchObject({
      version: 4,
    });
  });

  test("cannot touch what belongs to the board or to stewards", async () => {
    const { id } = await law.addTask();
    await law.patch(law.agents.a1, id, claim());
    for (const field of [
      { claim_epoch: 9 },
      { assigned_to: law.agents.a2 },
      { attempt: 5 },
      { lease_expires_at: "2100-01-01" },
      { number: 999 },
      { origin: "seed" },
      { claim_session: "other" },
    ]) {
      expect(await law.refusal(law.agents.a1, id, { ...field, fence: 1 }), JSON.stringify(field)).toMatchObject({
        code: "MUSTER_FIELD_PROTECTED",
        status: 422,
      });
    }
    for (const field of [
      { risk: "high" },
      { acceptance: [{ id: "x", text: "Easier." }] },
      { priority: "P0" },
      { max_attempts: 9 },
    ]) {
      expect(await law.refusal(law.agents.a1, id, { ...field, fence: 1 }), JSON.stringify(field)).toMatchObject({
        code: "MUSTER_STEWARD_ONLY",
        status: 403,
      });
    }
  });

  test("needs a claim in the first place", async () => {
    const { id } = await law.addTask();
    expect(await law.refusal(law.agents.a1, id, { title: "New" })).toMatchObject({
      code: "MUSTER_CLAIM_REQUIRED",
      status: 428,
    });
    expect(await law.refusal(law.agents.a1, id, { status: "in_progress" })).toMatchObject({
      code: "MUSTER_CLAIM_REQUIRED",
    });
    expect(await law.refusal(law.agents.a1, id, { status: "done", evidence: "Trust me." })).toMatchObject({
      code: "MUSTER_CLAIM_REQUIRED",
    });
    expect(await law.refusal(law.agents.a1, id, { title: "New", fence: 0 })).toMatchObject({ code: "MUSTER_FENCED" });
  });

  test("goes only where the table of transitions goes, and the refusal names the ways", async () => {
    const { id } = await law.addTask();
    await law.patch(law.agents.a1, id, claim());
    for (const status of ["done", "cancelled", "triage"]) {
      const refusal = await law.refusal(law.agents.a1, id, { status, fence: 1, evidence: "x" });
      expect(refusal, status).toMatchObject({ code: "MUSTER_TRANSITION_ILLEGAL", status: 422 });
      expect(refusal.message).toContain("submit (status in_review)");
    }
  });
});

describe("an empty write", () => {
  test("passes for anybody, changes nothing and bumps nothing", async () => {
    const { id } = await law.addTask();
    const before = await law.patch(law.agents.a1, id, claim());
    for (const user of [law.agents.a1, law.agents.a2, STEWARD]) {
      await patchItems(law.directus, user, "os_tasks", [id], {});
      await patchItems(law.directus, user, "os_tasks", [id], { title: before["title"], status: before["status"] });
    }
    expect(await law.task(id)).toEqual(before);
    expect(await law.rows("select from os_events where entity_id = $1", [id])).toHaveLength(2);
  });
});

describe("release, block and submit", () => {
  test("release gives the task back and ends the claim", async () => {
    const { id } = await law.addTask();
    await law.patch(law.agents.a1, id, claim());
    expect(await law.patch(law.agents.a1, id, { status: "ready", fence: 1 })).toMatchObject({
      status: "ready",
      assigned_to: null,
      claim_session: null,
      lease_expires_at: null,
      claim_epoch: 1,
    });
    expect(await law.rows("select from muster.leases")).toHaveLength(0);
    expect(await law.rows("select ended_by, outcome from os_claims")).toEqual([
      { ended_by: "released", outcome: "discarded" },
    ]);
    expect(await law.refusal(law.agents.a1, id, { title: "Late", fence: 1 })).toMatchObject({ code: "MUSTER_FENCED" });
    await expect(law.patch(law.agents.a2, id, claim("s2"))).resolves.toMatchObject({ claim_epoch: 2 });
  });

  test("clearing the session releases as well", async () => {
    const { id } = await law.addTask();
    await law.patch(law.agents.a1, id, claim());
    expect(await law.patch(law.agents.a1, id, { claim_session: null, fence: 1 })).toMatchObject({
      status: "ready",
      assigned_to: null,
    });
  });

  test("block says what is missing", async () => {
    const { id } = await law.addTask();
    await law.patch(law.agents.a1, id, claim());
    for (const fields of [
      {},
      { blocked_type: "transient" },
      { blocked_type: "quarantined", blocked_reason: "x" },
      { blocked_type: "needs_human", blocked_reason: "x" },
    ]) {
      expect(await law.refusal(law.agents.a1, id, { status: "blocked", fence: 1, ...fields })).toMatchObject({
        code: "MUSTER_BLOCK_INCOMPLETE",
      });
    }
    const block = {
      blocked_type: "needs_human",
      blocked_reason: "No account.",
      blocked_owner: "ops",
      blocked_action: "Make one.",
    };
    expect(await law.patch(law.agents.a1, id, { status: "blocked", fence: 1, ...block })).toMatchObject({
      ...block,
      status: "blocked",
      assigned_to: null,
    });
    expect(await law.refusal(law.agents.a1, id, { status: "ready", fence: 1 })).toMatchObject({
      code: "MUSTER_FENCED",
    });
    expect(await law.refusal(law.agents.a1, id, { status: "ready" })).toMatchObject({ code: "MUSTER_STEWARD_ONLY" });
    expect(await law.patch(STEWARD, id, { status: "ready" })).toMatchObject({
      status: "ready",
      blocked_type: null,
      blocked_reason: null,
    });
  });

  test("submit names a result and waits for a reviewer", async () => {
    const { id } = await law.addTask();
    await law.patch(law.agents.a1, id, claim());
    expect(await law.refusal(law.agents.a1, id, { status: "in_review", fence: 1 })).toMatchObject({
      code: "MUSTER_SUBMISSION_REQUIRED",
    });
    expect(await law.patch(law.agents.a1, id, submit)).toMatchObject({
      status: "in_review",
      submitted_by: law.agents.a1,
      assigned_to: null,
      submitted_commit: "3f9c1e2",
    });
    expect(await law.rows("select ended_by, outcome from os_claims")).toEqual([
      { ended_by: "submitted", outcome: null },
    ]);
  });
});
