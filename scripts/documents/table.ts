/** A Markdown table; cells lose line breaks and keep their pipes. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("\n", " ").replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

export const GENERATED_NOTICE = "<!-- Generated from the code by `npm run gen`; do not edit. -->";
