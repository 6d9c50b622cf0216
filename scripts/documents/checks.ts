import { CHECKS } from "../../cli/src/checks/index.ts";
import { GENERATED_NOTICE, markdownTable } from "./table.ts";

export function checksDocument(): string {
  const rows = CHECKS.map(({ id, severity, title, dependsOn, fix }) => [
    id,
    severity,
    title,
    dependsOn.join(", ") || "–",
    fix.summary,
  ]);
  return `${GENERATED_NOTICE}

# Checks

\`elk-os doctor\` runs them in this order. A failed \`error\` is red, a failed \`warning\` is red under \`--strict\`, and \`info\` says a
known limit that never fails. A check whose dependency is not green is skipped as blocked, so the first red line is the first cause.
A board on which no check ran is red.

${markdownTable(["id", "severity", "what it proves", "depends on", "when it is red"], rows)}
`;
}
