/** A check's judgement is red: for a fault that a live stack cannot be given cheaply, or not at all. */
import { expect } from "vitest";
import type { CheckId, Finding } from "../../cli/src/checks/check.ts";

/** `id` is the check that judges so; test/checks.unit.test.ts takes this call for its red proof. */
export function expectRed(id: CheckId, finding: Finding, evidence: RegExp): void {
  expect(finding, id).toMatchObject({ status: "fail", evidence: expect.stringMatching(evidence) });
}
