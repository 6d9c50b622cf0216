/** A receipt as a walk of six steps: symptom, row, claim, catch, note, fix. */
import type { Fact } from "../parts/facts.tsx";
import { formatCount } from "./numbers.ts";
import type { StateLook } from "./states.ts";

export interface WalkSource {
  readonly symptom: string | null;
  readonly board_row: string | null;
  readonly verifier_claim: string | null;
  readonly caught_by: string | null;
  readonly closing_note: string | null;
  readonly fix_commit: string | null;
  readonly steps: readonly { readonly name: string; readonly at: Date | null; readonly text: string }[];
}

export interface WalkStep {
  readonly name: StepName;
  readonly title: string;
  readonly look: StateLook;
  /** Null: not recorded. */
  readonly at: Date | null;
  readonly text: string;
}

const STEP_NAMES = ["symptom", "board_row", "verifier_claim", "caught_by", "closing_note", "fix_commit"] as const;
type StepName = (typeof STEP_NAMES)[number];

const TITLES: Readonly<Record<StepName, string>> = {
  symptom: "The symptom",
  board_row: "Board row",
  verifier_claim: "Verifier's claim",
  caught_by: "What caught it",
  closing_note: "Closing note",
  fix_commit: "Fix commit",
};

const LOOKS: Readonly<Record<StepName, StateLook>> = {
  symptom: { glyph: "unknown", tone: "unknown", word: "seen" },
  board_row: { glyph: "held", tone: "ready", word: "on the board" },
  verifier_claim: { glyph: "review", tone: "review", word: "in review" },
  caught_by: { glyph: "failed", tone: "failed", word: "caught" },
  closing_note: { glyph: "note", tone: "ready", word: "recorded" },
  fix_commit: { glyph: "verified", tone: "verified", word: "verified" },
};

/** The six steps in their order; one that nobody wrote is left out, never made up. */
export function walkOf(receipt: WalkSource): readonly WalkStep[] {
  const written = new Map(receipt.steps.map((step) => [step.name, step]));
  return STEP_NAMES.flatMap((name) => {
    const text = written.get(name)?.text ?? receipt[name];
    if (text === null || text === "") return [];
    return [{ name, title: TITLES[name], look: LOOKS[name], at: written.get(name)?.at ?? null, text }];
  });
}

const ANSWERS: Readonly<Record<string, string>> = {
  no: "No: any disciplined agent.",
  partly: "Partly.",
  yes: "Yes: one agent would have missed it.",
};

/** The honest answer to "needed the fleet?"; null when nobody gave one. */
export function fleetAnswer(needed: string | null): string | null {
  return needed === null ? null : (ANSWERS[needed] ?? needed);
}

/** How often the fleet was needed, over all receipts. */
export function fleetFacts(
  fleet: readonly { readonly needed_fleet: string | null; readonly receipts: number }[],
): readonly Fact[] {
  const count = (value: string) => formatCount(fleet.find((row) => row.needed_fleet === value)?.receipts ?? 0);
  const all = fleet.reduce((total, { receipts }) => total + receipts, 0);
  return [
    { name: "No", value: count("no") },
    { name: "Partly", value: count("partly") },
    { name: "Yes", value: count("yes") },
    { name: "Receipts", value: formatCount(all), isTotal: true },
  ];
}
