import { readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { loadProfile } from "../cli/src/seed/load-profile.ts";
import { resolveSeedTimeMs } from "../cli/src/seed/seed-time.ts";
import { toHistoryDocument } from "../cli/src/seed/to-history-document.ts";

const PROFILES = path.join(import.meta.dirname, "../profiles");
const NOW_MS = Date.parse("2026-03-01T12:00:00Z");
const at = (text: string): number => resolveSeedTimeMs(text, NOW_MS);

test("the two shipped profiles are valid", () => {
  expect(readdirSync(PROFILES).sort()).toEqual(["analogelk", "generic"]);
  for (const name of readdirSync(PROFILES)) expect(loadProfile(PROFILES, name).manifest.name).toBe(name);
});

describe("the story of the generic profile", () => {
  const { seed, manifest } = loadProfile(PROFILES, "generic");
  const { tasks, claims, verifications, receipts, phases } = seed.rows;
  const family = new Map(manifest.agents.map((agent) => [agent.name, agent.model_family]));
  const claimsOf = (number: number) => claims.filter((claim) => claim.task === number);
  const doneAt = (number: number): number => Math.max(...claimsOf(number).map((claim) => at(claim.ended_at ?? "+1d")));

  test("at least forty tasks, every status, and three model families", () => {
    expect(tasks.length).toBeGreaterThanOrEqual(40);
    expect(new Set(tasks.map((task) => task.status)).size).toBe(7);
    expect(new Set(family.values()).size).toBeGreaterThanOrEqual(3);
  });

  test("at least eight ready tasks can be claimed by any agent", () => {
    const done = new Set(tasks.filter((task) => task.status === "done").map((task) => task.number));
    const reserved = seed.rows.reservations.map((row) => row.path);
    const claimable = tasks.filter(
      (task) =>
        task.status === "ready" &&
        task.required_capabilities.length === 0 &&
        task.depends_on.every((number) => done.has(number)) &&
        !task.paths.some((own) => reserved.some((held) => held.startsWith(own) || own.startsWith(held))),
    );
    expect(claimable.length).toBeGreaterThanOrEqual(8);
  });

  test("no agent works on two tasks at once, and no claim ends before it begins", () => {
    for (const agent of family.keys()) {
      const mine = claims.filter((claim) => claim.agent === agent).sort((a, b) => at(a.claimed_at) - at(b.claimed_at));
      for (const [index, claim] of mine.entries()) {
        const end = at(claim.ended_at ?? "+1d");
        expect(end, `#${claim.task} epoch ${claim.epoch}`).toBeGreaterThan(at(claim.claimed_at));
        const next = mine[index + 1];
        if (next !== undefined) expect(at(next.claimed_at), `${agent} #${claim.task}`).toBeGreaterThanOrEqual(end);
      }
    }
  });

  test("work starts after the task exists and after what it depends on is verified", () => {
    for (const task of tasks) {
      const starts = claimsOf(task.number).map((claim) => at(claim.claimed_at));
      if (starts.length === 0) continue;
      expect(Math.min(...starts), `#${task.number}`).toBeGreaterThan(at(task.created_at));
      for (const needed of task.depends_on) {
        expect(Math.min(...starts), `#${task.number} after #${needed}`).toBeGreaterThan(doneAt(needed));
      }
    }
  });

  test("risky work is verified by another model family than any of its authors", () => {
    for (const verdict of verifications) {
      const task = tasks.find((candidate) => candidate.number === verdict.task);
      if (task?.risk === "low") continue;
      const verifier = claimsOf(verdict.task).find((claim) => claim.epoch === verdict.epoch)?.agent ?? "";
      const authors = claimsOf(verdict.task).filter((claim) => claim.kind === "work" && claim.epoch < verdict.epoch);
      const judged = authors.at(-1)?.agent ?? "";
      expect(family.get(verifier), `#${verdict.task}`).not.toBe(family.get(judged));
    }
  });

  test("tasks depend on each other, and releases were made", () => {
    expect(tasks.filter((task) => task.depends_on.length > 0).length).toBeGreaterThan(20);
    expect(seed.rows.releases.length).toBeGreaterThan(1);
  });

  test("a verified phase holds only finished tasks", () => {
    for (const phase of phases.filter((row) => row.status === "verified")) {
      const open = tasks.filter((task) => task.phase === phase.key && !["done", "cancelled"].includes(task.status));
      expect(
        open.map((task) => task.number),
        phase.key,
      ).toEqual([]);
    }
  });

  test("every held claim is alive at the moment of seeding, and one of them has gone cold", () => {
    const document = toHistoryDocument(seed, new Date(NOW_MS));
    const held = (document["claims"] ?? []).filter((claim) => Reflect.get(claim, "ended_at") === undefined);
    const silences = held.map((claim) => NOW_MS - Date.parse(String(Reflect.get(claim, "heartbeat_at"))));
    expect(held).toHaveLength(8);
    expect(silences.filter((silence) => silence > 5 * 60_000)).toHaveLength(1);
  });

  test("the receipts tell their six steps in order of time, and most catches did not need the fleet", () => {
    for (const { number, steps } of receipts) {
      expect(at(steps.board_row.at), `r-${number}`).toBeGreaterThan(at(steps.symptom.at));
      expect(at(steps.closing_note.at), `r-${number}`).toBeGreaterThan(at(steps.board_row.at));
    }
    expect(receipts.filter((receipt) => receipt.needed_fleet === "no").length).toBeGreaterThan(receipts.length / 2);
  });
});

describe("the build trail of the analogelk profile", () => {
  const { seed } = loadProfile(PROFILES, "analogelk");

  test("eight verified phases from 17:56 to 20:23", () => {
    const { phases } = seed.rows;
    expect(phases.map((phase) => [phase.key, phase.status])).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7].map((index) => [`P${index}`, "verified"]),
    );
    expect(phases[0]?.started_at).toBe("2026-06-29T17:56:00-07:00");
    expect(phases.at(-1)?.verified_at).toBe("2026-06-29T20:23:00-07:00");
  });

  test("the defect table, with its honest answers to: did it need the fleet?", () => {
    expect(seed.rows.receipts.map((receipt) => receipt.needed_fleet)).toEqual([
      "no",
      "no",
      "no",
      "no",
      "no",
      "no",
      "yes",
      "partly",
    ]);
  });

  test("the eight defects of the table are its eight defects, by their titles, and so are their receipts", () => {
    const { tasks, receipts } = seed.rows;
    expect(tasks.filter((task) => task.class === "bug").map(({ title }) => title)).toEqual([
      "RAG :9100 port collision",
      "Health check fooled by a co-located engine",
      "Missing releases.repository_id FK",
      "set -e / pipefail bug in doctor",
      "arm64-vs-amd64 portal-image mismatch",
      "Compose RAG-off abort",
      "6 real AnalogElk references in the sellable template",
      "AE seed files colliding with a kept UI collection",
    ]);
    const titleOf = (number: number) => tasks.find((task) => task.number === number)?.title;
    expect(receipts.map((receipt) => receipt.title)).toEqual(receipts.map((receipt) => titleOf(receipt.task)));
  });

  test("every defect has one receipt, whole", () => {
    const { tasks, receipts } = seed.rows;
    const defects = tasks.filter((task) => task.class === "bug").map((task) => task.number);
    expect(receipts.map((receipt) => receipt.task).toSorted((a, b) => a - b)).toEqual(defects);
    for (const { steps, attribution } of receipts)
      for (const said of [...Object.values(steps).map((step) => step.text), attribution]) expect(said).not.toBe("");
  });
});
