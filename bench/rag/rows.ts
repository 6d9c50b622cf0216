import { GOALS, type Goal, goalsOf, PART_NAMES, type PartName } from "./goals.ts";

/** `short`: measured with less than the goal speaks of, so that neither met nor missed would be true. */
export type Verdict = "aim met" | "met" | "missed" | "reported" | "not measured" | "not the asked form";

export interface Row extends Goal {
  readonly part: PartName;
  readonly id: string;
  /** What it was judged by: the goal's own, or the rival's of the same run; null when there is none or none was measured. */
  readonly limit: number | null;
  /** null: not measured in this run; `detail` says why. */
  readonly value: number | null;
  readonly verdict: Verdict;
  /** Everything that was seen beside the value. */
  readonly detail: unknown;
  /** What was measured, with a plus where it is not what the commit holds, and the load beside it. */
  readonly commit: string;
  readonly load: number;
}

/** A figure of one part. `limit`: the rival's, where the goal asks for it. */
export type AddRow<P extends PartName> = AddRowOf<keyof (typeof GOALS)[P] & string>;
/** What every judged set has a row for. */
export type AddSetRow = AddRowOf<keyof (typeof GOALS)["cranfield"] & string>;
type AddRowOf<Id extends string> = (id: Id, value: number | null, detail: unknown, limit?: number) => void;

/** What all rows of one run share. */
export interface Circumstances {
  readonly commit: string;
  readonly load: number;
  /** False when it was measured with less than the goals speak of. */
  readonly isAskedForm: boolean;
}

/** @throws Error for a goal that there is not, or one that wants a rival's figure and was given none */
export function rowOf(
  part: PartName,
  id: string,
  { value, detail, limit }: { readonly value: number | null; readonly detail: unknown; readonly limit?: number },
  { commit, load, isAskedForm }: Circumstances,
): Row {
  const goal = goalsOf(part)[id];
  if (goal === undefined) throw new Error(`${part} has no goal ${id}.`);
  const judgedBy = goal.floor === "run" ? (limit ?? null) : goal.floor;
  if (goal.floor === "run" && value !== null && (judgedBy === null || Number.isNaN(judgedBy)))
    throw new Error(`${goal.metric} is judged by a rival's figure, and there is none.`);
  const known = value === null || Number.isNaN(value) ? null : round(value);
  const verdict = known === null ? "not measured" : judge(goal, known, judgedBy, isAskedForm);
  return { ...goal, part, id, limit: judgedBy, value: known, verdict, detail, commit, load };
}

function judge(goal: Goal, value: number, limit: number | null, isAskedForm: boolean): Verdict {
  if (goal.floor === null || limit === null) return "reported";
  if (!isAskedForm) return "not the asked form";
  if (!reaches(goal, value, limit)) return "missed";
  return goal.aim !== null && reaches(goal, value, goal.aim) ? "aim met" : "met";
}

function reaches({ sense }: Goal, value: number, limit: number): boolean {
  if (sense === "above") return value > limit;
  return sense === "least" ? value >= limit : value <= limit;
}

/** Every goal of a part that `rows` lacks, as a row that was not measured. */
export function missingRows(
  part: PartName,
  rows: readonly Row[],
  why: string,
  circumstances: Circumstances,
): readonly Row[] {
  const has = (id: string): boolean => rows.some((row) => row.part === part && row.id === id);
  return Object.keys(goalsOf(part))
    .filter((id) => !has(id))
    .map((id) => rowOf(part, id, { value: null, detail: why }, circumstances));
}

/** In the order of the goals. */
export function inOrder(rows: readonly Row[]): readonly Row[] {
  const places = PART_NAMES.flatMap((part) => Object.keys(GOALS[part]).map((id) => `${part}.${id}`));
  return rows.toSorted((a, b) => places.indexOf(`${a.part}.${a.id}`) - places.indexOf(`${b.part}.${b.id}`));
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
