import { describeFacts } from "../run-facts.ts";
import type { Result } from "./result.ts";
import { inOrder, type Row } from "./rows.ts";

const SIGNS = { least: "≥", most: "≤", above: ">" } as const;

/** The result as Markdown. Pure. */
export function page(result: Result): string {
  const rows = inOrder(result.rows);
  return [
    `# Search, ${result.at.slice(0, 10)} (${result.form})`,
    "",
    `${describeFacts(result)} Sizes: ${Object.entries(result.sizes)
      .map(([name, size]) => `${size} ${name}`)
      .join(", ")}. A plus behind a commit: the checkout had changes.`,
    "",
    "| metric | value | floor | aim | verdict | commit, load |",
    "|---|---|---|---|---|---|",
    ...rows.map(lineOf),
    "",
    "## What was seen beside the values",
    "",
    ...rows
      .filter(({ detail }) => detail !== null)
      .map(({ metric, detail }) => `- ${metric}: \`${JSON.stringify(detail)}\``),
    "",
  ].join("\n");
}

function lineOf({ metric, value, unit, sense, limit, aim, floor, verdict, commit, load }: Row): string {
  const sign = SIGNS[sense];
  const word = verdict === "missed" || verdict === "not measured" ? `**${verdict}**` : verdict;
  const asked = limit === null ? (floor === "run" ? "a rival's" : "–") : `${sign} ${limit}`;
  const cells = [
    metric,
    value === null ? "–" : `${value} ${unit}`.trim(),
    asked,
    aim ?? "–",
    word,
    `${commit}, ${load}`,
  ];
  return `| ${cells.join(" | ")} |`;
}
