import { describe, expect, test } from "vitest";
import { createItem } from "../../test/support/directus-writes.ts";
import { claim, refusalOf, STEWARD, submit, withLaw } from "../../test/support/law-fixture.ts";

const law = withLaw();
const LOG = "a".repeat(64);

const receipts = () =>
  law.rows("select r.*, r.hash = muster.receipt_hash(r.prev_hash, r) as is_right from os_receipts r order by number");

async function verdict(user: string, task: string, fence: number, word: string, options: object = {}) {
  const { rows } = await law.directus.query("select muster.verdict($1, $2, $3, $4, $5, $6) as answer", [
    user,
    task,
    fence,
    word,
    `${word}: ran npm test at 3f9c1e2`,
    JSON.stringify(options),
  ]);
  return rows[0]?.answer;
}

describe("a receipt", () => {
  test("is written when a defect's fix passes, in the verdict's own transaction, and tells the six steps", async () => {
    const { id, number } = await law.submittedTask({
      class: "bug",
      title: "Clock lies",
      description: "It runs backwards.",
    });
    await createItem(law.directus, law.agents.a1, "os_notes", {
      task: id,
      kind: "closing",
      body: "Use the monotonic clock.",
    });
    await law.patch(law.agents.b1, id, claim("review"));
    const checks = [{ command: "npm test", exit_code: 0, log_sha256: LOG }];
    await verdict(law.agents.b1, id, 2, "pass", { checks });
    const [receipt, ...more] = await receipts();
    expect(more).toEqual([]);
    expect(receipt).toMatchObject({
      task: id,
      number: 1,
      title: "Clock lies",
      symptom: "It runs backwards.",
      board_row: `#${number} opened in project demo by steward; a1 (alpha) submitted it at epoch 1; 1 attempt.`,
      verifier_claim: "pass: ran npm test at 3f9c1e2",
      caught_by: "Reported on the board by steward; no verdict and no finding named it first.",
      closing_note: "Use the monotonic clock.",
      fix_commit: "3f9c1e2",
      needed_fleet: "no",
      attribution:
        "No, by the record: a1 (alpha) fixed it and b1 (beta) confirmed it. No verdict found anything that the author had missed.",
      prev_hash: null,
      origin: "live",
      is_right: true,
    });
    const steps = receipt?.["steps"] as readonly Record<string, unknown>[];
    expect(steps.map(({ name }) => name)).toEqual([
      "symptom",
      "board_row",
      "verifier_claim",
      "caught_by",
      "closing_note",
      "fix_commit",
    ]);
    expect(steps[1]).toMatchObject({
      claims: [
        {
          epoch: 1,
          kind: "work",
          agent: "a1",
          model_family: "alpha",
          session: "work",
          ended_by: "submitted",
          outcome: "accepted",
        },
        { epoch: 2, kind: "review", agent: "b1", model_family: "beta", session: "review", ended_by: "verdict" },
      ],
    });
    expect(steps[2]).toMatchObject({ verdict: "pass", agent: "b1", model_family: "beta", checks });
    expect(steps[5]).toMatchObject({ text: "3f9c1e2", commit: "3f9c1e2" });
    expect(await law.rows("select kind, actor_name from os_events where entity = 'os_receipts'")).toEqual([
      { kind: "created", actor_name: "b1" },
    ]);
  });

  test("says who caught what the author had called finished, and does not say yes by itself", async () => {
    const { id } = await law.submittedTask({ class: "bug" });
    await law.patch(law.agents.b1, id, claim("review"));
    await law.patch(law.agents.b1, id, { status: "ready", fence: 2, evidence: "It still runs backwards at night." });
    await law.patch(law.agents.a1, id, claim("again"));
    await law.patch(law.agents.a1, id, {
      ...submit,
      fence: 3,
      submitted_commit: "4aaaaaa",
      closing_note: "Night, too.",
    });
    await law.patch(law.agents.b1, id, claim("review"));
    await law.patch(law.agents.b1, id, { status: "done", fence: 4, evidence: "Ran a whole night." });
    expect(await receipts()).toMatchObject([
      {
        verifier_claim: "Ran a whole night.",
        caught_by: "b1 (beta) refused attempt 1: It still runs backwards at night.",
        closing_note: "Night, too.",
        fix_commit: "4aaaaaa",
        needed_fleet: "partly",
        attribution:
          "Partly, by the record: b1 (beta) refused what a1 (alpha) had handed in as finished. Whether one agent alone would have seen it was not tried.",
        is_right: true,
      },
    ]);
  });

  test("names the finding that came first, and what nobody wrote down", async () => {
    const { id } = await law.submittedTask({ class: "bug", title: "Odd", description: null });
    await createItem(law.directus, law.agents.a2, "os_notes", {
      task: id,
      kind: "finding",
      body: "Seen from an empty volume.",
    });
    await law.patch(STEWARD, id, { status: "done", evidence: "Looked at it." });
    expect(await receipts()).toMatchObject([
      {
        symptom: "Odd",
        caught_by: "Finding of a2: Seen from an empty volume.",
        closing_note: "None was written.",
        attribution: expect.stringContaining("a steward confirmed it"),
      },
    ]);
  });

  test("takes the verifier's own word on the fleet, which then needs its reason", async () => {
    const { id } = await law.submittedTask({ class: "bug" });
    await law.patch(law.agents.b1, id, claim("review"));
    expect(await refusalOf(verdict(law.agents.b1, id, 2, "pass", { needed_fleet: "yes" }))).toMatchObject({
      code: "MUSTER_REASON_REQUIRED",
    });
    expect(await refusalOf(verdict(law.agents.b1, id, 2, "pass", { needed_fleet: "maybe" }))).toMatchObject({
      code: "MUSTER_VALUE_INVALID",
    });
    await verdict(law.agents.b1, id, 2, "pass", { needed_fleet: "yes", attribution: "Two seams met." });
    expect(await receipts()).toMatchObject([{ needed_fleet: "yes", attribution: "Two seams met." }]);
  });

  test("is written for a defect alone, and for a pass alone", async () => {
    const feature = await law.submittedTask({ class: "feature" });
    await law.patch(law.agents.b1, feature["id"], claim("review"));
    await verdict(law.agents.b1, feature["id"], 2, "pass");
    const bug = await law.submittedTask({ class: "bug" });
    await law.patch(law.agents.b1, bug["id"], claim("review"));
    await verdict(law.agents.b1, bug["id"], 2, "inconclusive");
    await law.patch(law.agents.b1, bug["id"], claim("review"));
    await verdict(law.agents.b1, bug["id"], 3, "fail");
    expect(await receipts()).toEqual([]);
  });

  test("follows the one before it, also when two are written side by side", async () => {
    await law.rows("update os_agents set max_wip = 9 where name = 'b1'");
    const made = [];
    for (const session of ["r1", "r2", "r3"]) {
      const { id } = await law.submittedTask({ class: "bug" });
      await law.patch(law.agents.b1, id, claim(session));
      made.push(id);
    }
    const other = await law.database.connect("muster_directus");
    const text = "select muster.verdict($1, $2, 2, 'pass', 'Ran it.')";
    await Promise.all([
      law.directus.query(text, [law.agents.b1, made[0]]),
      other.query(text, [law.agents.b1, made[1]]),
    ]);
    await other.query(text, [law.agents.b1, made[2]]);
    const written = await receipts();
    expect(written.map(({ number, is_right }) => [number, is_right])).toEqual([
      [1, true],
      [2, true],
      [3, true],
    ]);
    expect(written.map(({ prev_hash }) => prev_hash)).toEqual([null, written[0]?.["hash"], written[1]?.["hash"]]);
  });
});
