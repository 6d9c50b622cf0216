/** The result as a page of Markdown. */
import { basename } from "node:path";
import { LACKS, type Row, round } from "./rows.ts";

export interface Result {
  readonly date: string;
  readonly commit: string;
  readonly hasChanges: boolean;
  readonly form: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly node: string;
  readonly postgres: string;
  readonly loadBefore: number;
  readonly loadAfter: number;
  readonly rows: readonly Row[];
  readonly figures: Readonly<Record<string, number | null>>;
}

const line = (cells: readonly unknown[]) => `| ${cells.join(" | ")} |`;

/** `charts` are the paths of the SVG files beside the page. */
export function report(result: Result, charts: readonly string[]): string {
  const rows = result.rows.map(({ metric, value, sense, floor, aim, verdict, note }) =>
    line([metric, value ?? "–", `${sense === "min" ? "≥" : "≤"} ${floor}`, aim, verdict, note]),
  );
  const figures = Object.entries(result.figures).map(([name, value]) =>
    line([name, value === null ? "–" : round(value)]),
  );
  const missed = result.rows.filter(({ why }) => why !== null).map(({ metric, why }) => `- ${metric}: ${why}`);
  const lacks = Object.entries(LACKS).map(([rival, lack]) => `- ${rival}: ${lack}`);
  return `# Claims, ${result.date.slice(0, 10)} (${result.form})

Commit ${result.commit}${result.hasChanges ? " with changes" : ""}; ${result.cores} × ${result.cpu}, ${result.memoryGb} GB, Linux ${result.kernel}, Node ${result.node}, Postgres ${result.postgres}. Load ${result.loadBefore.toFixed(1)} before, ${result.loadAfter.toFixed(1)} after. R is pgbench's single-row UPDATE … RETURNING with as many clients, measured before and after each sample; figures of a busy machine are worth no more than that, buffers and HOT share do not depend on it.

| metric | value | floor | aim | verdict | note |
|---|---|---|---|---|---|
${rows.join("\n")}

## Missed, and why

${missed.length === 0 ? "Nothing." : missed.join("\n")}

## What the rivals do not do

${lacks.join("\n")}

## Figures

| figure | per second |
|---|---|
${figures.join("\n")}

${charts.map((path) => `![${basename(path, ".svg")}](${basename(path)})`).join("\n")}
`;
}
