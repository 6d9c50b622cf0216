import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { RunFacts } from "../run-facts.ts";
import type { PartName } from "./goals.ts";
import { page } from "./page.ts";
import { inOrder, type Row } from "./rows.ts";

export interface Result extends RunFacts {
  /** quick, long, or a try with sizes of its own. */
  readonly form: string;
  readonly sizes: Readonly<Record<string, number>>;
  readonly rows: readonly Row[];
}

/** Rows of an earlier run of the same day that this run does not measure again. */
export function withEarlier(file: string, measured: readonly PartName[]): readonly Row[] {
  if (!existsSync(file)) return [];
  const { rows }: Pick<Result, "rows"> = JSON.parse(readFileSync(file, "utf8"));
  return rows.filter(({ part }) => !measured.includes(part));
}

/** Writes `<base>.json` and `<base>.md`, each as a whole: who is interrupted has the parts before. */
export function keepResult(base: string, result: Result): void {
  const sorted = { ...result, rows: inOrder(result.rows) };
  mkdirSync(dirname(base), { recursive: true });
  for (const [ending, text] of [
    ["json", `${JSON.stringify(sorted, null, 2)}\n`],
    ["md", page(sorted)],
  ]) {
    writeFileSync(`${base}.${ending}.tmp`, text ?? "");
    renameSync(`${base}.${ending}.tmp`, `${base}.${ending}`);
  }
}
