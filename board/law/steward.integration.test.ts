import { describe, expect, test } from "vitest";
import { createItem } from "../../test/support/directus-writes.ts";
import { claim, refusalOf, STEWARD, withLaw } from "../../test/support/law-fixture.ts";

const law = withLaw();

describe("a steward", () => {
  test("edits any plan field without a fence and leaves the holder in place", async () => {
    const { id } = await law.addTask();
    await law.patch(law.agents.a1, id, claim());
    expect(await law.patch(STEWARD, id, { priority: "P0", risk: "high" })).toMatchObject({
      priority: "P0",
      assigned_to: law.agents.a1,
      claim_epoch: 1,
    });
    await expect(law.patch(law.agents.a1, id, { title: "Still mine", fence: 1 })).resolves.toBeDefined();
  });

  test.each([{ claim_session: null }, { assigned_to: null }, { status: "ready" }])(
    "takes a claim away with %o and fences the holder off",
    async (fields) => {
      const { id } = await law.addTask();
      await law.patch(law.agents.a1, id, claim());
      expect(await law.patch(STEWARD, id, fields)).toMatchObject({
        status: "ready",
        assigned_to: null,
        claim_session: null,
        claim_epoch: 2,
      });
      expect(await law.refusal(law.agents.a1, id, { title: "Late", fence: 1 })).toMatchObject({
        code: "MUSTER_FENCED",
      });
      expect(await law.rows("select ended_by, outcome from os_claims")).toEqual([
        { ended_by: "fenced", outcome: "superseded" },
      ]);
    },
  );

  test("holds no claims", async () => {
    const { id } = await law.addTask();
    expect(await law.refusal(STEWARD, id, claim())).toMatchObject({ code: "MUSTER_FIELD_PROTECTED" });
    expect(await law.refusal(STEWARD, id, { assigned_to: law.agents.a1 })).toMatchObject({
      code: "MUSTER_FIELD_PROTECTED",
    });
    expect(await law.refusal(STEWARD, id, { claim_epoch: 0, attempt: 7 })).toMatchObject({
      code: "MUSTER_FIELD_PROTECTED",
    });
  });

  test("cancels and reopens with a reason, one epoch further each time", async () => {
    const { id } = await law.addTask();
    await law.patch(law.agents.a1, id, claim());
    expect(await law.refusal(STEWARD, id, { status: "cancelled" })).toMatchObject({ code: "MUSTER_REASON_REQUIRED" });
    expect(await law.patch(STEWARD, id, { status: "cancelled", status_reason: "Not wanted." })).toMatchObject({
      status: "cancelled",
      claim_epoch: 2,
      assigned_to: null,
    });
    expect(await law.refusal(STEWARD, id, { status: "ready" })).toMatchObject({ code: "MUSTER_REASON_REQUIRED" });
    expect(await law.patch(STEWARD, id, { status: "ready", status_reason: "Wanted again." })).toMatchObject({
      status: "ready",
      claim_epoch: 3,
    });
  });

  test("reopens a done task", async () => {
    const { id } = await law.submittedTask();
    await law.patch(law.agents.b1, id, claim());
    await law.patch(law.agents.b1, id, { status: "done", fence: 2, evidence: "ok" });
    expect(await law.patch(STEWARD, id, { status: "ready", status_reason: "It came back." })).toMatchObject({
      status: "ready",
      done_at: null,
      verified_by: null,
      claim_epoch: 3,
    });
  });

  test("skips no review", async () => {
    const { id } = await law.addTask();
    for (const status of ["done", "in_review", "in_progress", "blocked"]) {
      expect(await law.refusal(STEWARD, id, { status, evidence: "ok" }), status).toMatchObject({
        code: "MUSTER_TRANSITION_ILLEGAL",
      });
    }
  });

  test("may give the verdict, with evidence", async () => {
    const { id } = await law.submittedTask({ risk: "high" });
    expect(await law.refusal(STEWARD, id, { status: "done" })).toMatchObject({ code: "MUSTER_EVIDENCE_REQUIRED" });
    expect(await law.patch(STEWARD, id, { status: "done", evidence: "I tried it." })).toMatchObject({
      status: "done",
      verified_by: STEWARD,
    });
  });

  test("is one by the allow-list of roles alone", async () => {
    const { id } = await law.addTask();
    await law.admin.query("update directus_users set role = null where id = $1", [STEWARD]);
    expect(await law.refusal(STEWARD, id, { priority: "P0" })).toMatchObject({ code: "MUSTER_AGENT_UNKNOWN" });
  });
});

describe("a new task", () => {
  test("of an agent starts in triage, with nothing of the board's forged", async () => {
    const task = await createItem(law.directus, law.agents.a1, "os_tasks", {
      project: law.project,
      title: "Found a bug",
      number: 4711,
      claim_epoch: 7,
      version: 9,
      attempt: 2,
      assigned_to: law.agents.a1,
      claim_session: "s",
      lease_expires_at: "2100-01-01",
      origin: "seed",
      verified_by: law.agents.b1,
      fence: 3,
      evidence: "x",
    });
    expect(task).toMatchObject({
      status: "triage",
      claim_epoch: 0,
      version: 1,
      attempt: 0,
      assigned_to: null,
      claim_session: null,
      lease_expires_at: null,
      origin: "live",
      verified_by: null,
      fence: null,
      evidence: null,
    });
    expect(task["number"]).not.toBe(4711);
    expect(await law.refusal(law.agents.a1, task["id"], { status: "ready" })).toMatchObject({
      code: "MUSTER_STEWARD_ONLY",
    });
    await expect(
      law.patch(law.agents.a1, task["id"], { title: "Found a bigger bug", priority: "P1" }),
    ).resolves.toMatchObject({
      version: 2,
    });
    expect(await law.refusal(law.agents.a2, task["id"], { title: "Mine" })).toMatchObject({
      code: "MUSTER_STEWARD_ONLY",
    });
    expect(await law.refusal(STEWARD, task["id"], { status: "ready" })).toMatchObject({
      code: "MUSTER_ACCEPTANCE_REQUIRED",
    });
    await expect(
      law.patch(STEWARD, task["id"], { status: "ready", acceptance: [{ id: "a1", text: "Fixed." }] }),
    ).resolves.toMatchObject({ status: "ready" });
  });

  test("is ready only from a steward and only with acceptance", async () => {
    const task = { project: law.project, title: "Do it", status: "ready" };
    const acceptance = [{ id: "a1", text: "Done." }];
    expect(await refusalOf(createItem(law.directus, law.agents.a1, "os_tasks", { ...task, acceptance }))).toMatchObject(
      {
        code: "MUSTER_STEWARD_ONLY",
      },
    );
    expect(await refusalOf(createItem(law.directus, STEWARD, "os_tasks", task))).toMatchObject({
      code: "MUSTER_ACCEPTANCE_REQUIRED",
    });
    expect(
      await refusalOf(createItem(law.directus, STEWARD, "os_tasks", { ...task, acceptance, status: "done" })),
    ).toMatchObject({ code: "MUSTER_TRANSITION_ILLEGAL" });
  });

  test("keeps its values in bounds", async () => {
    const task = { project: law.project, title: "Do it" };
    for (const fields of [
      { lease_seconds: 14 },
      { lease_seconds: 86_401 },
      { priority: "P4" },
      { title: " " },
      { acceptance: ["text"] },
      { acceptance: {} },
      { acceptance: [{ id: "a1", text: "It passes.", check: " " }] },
      { acceptance: [{ id: "a1", text: "It passes.", cmd: "npm test" }] },
      { labels: "x" },
    ]) {
      expect(
        await refusalOf(createItem(law.directus, law.agents.a1, "os_tasks", { ...task, ...fields })),
        JSON.stringify(fields),
      ).toMatchObject({ code: "MUSTER_VALUE_INVALID", status: 422 });
    }
    const { id } = await law.addTask();
    const acceptance = [{ id: "a1", text: "It passes.", check: ["npm", "test"] }];
    expect(await law.refusal(STEWARD, id, { acceptance })).toMatchObject({ code: "MUSTER_VALUE_INVALID" });
    const { id: other } = await createItem(law.directus, STEWARD, "os_projects", { key: "other", name: "Other" });
    const { id: phase } = await createItem(law.directus, STEWARD, "os_phases", {
      project: other,
      key: "P0",
      name: "Zero",
    });
    expect(await refusalOf(createItem(law.directus, law.agents.a1, "os_tasks", { ...task, phase }))).toMatchObject({
      code: "MUSTER_REFERENCE_UNKNOWN",
    });
  });
});
