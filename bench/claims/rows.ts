/** The rows of the table: what is measured, its floor and its aim. Floors and aims are the project's own goals. */
export interface Row {
  readonly metric: string;
  /** null: not measured in this run; `note` says why. */
  readonly value: number | null;
  readonly floor: number;
  readonly aim: number;
  /** "min": at least the floor; "max": at most. */
  readonly sense: "min" | "max";
  readonly note: string;
}

export type Verdict = "aim met" | "floor met" | "missed" | "not measured";

export function verdictOf({ value, floor, aim, sense }: Row): Verdict {
  if (value === null) return "not measured";
  const reaches = (goal: number) => (sense === "min" ? value >= goal : value <= goal);
  if (reaches(aim)) return "aim met";
  return reaches(floor) ? "floor met" : "missed";
}

export const round = (value: number): number => Number(value.toPrecision(3));
