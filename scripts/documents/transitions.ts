import { TASK_COLUMNS, TASK_STATUSES, TRANSITION_GUARDS, TRANSITIONS } from "../../board/src/transitions.ts";
import { GENERATED_NOTICE, markdownTable } from "./table.ts";

export function transitionsDocument(): string {
  const steps = TRANSITIONS.map(({ from, to, who, intent, event, guards }) => [
    from === "new" ? "(new)" : from,
    to,
    who,
    intent,
    guards.join(", ") || "–",
    event,
  ]);
  const usesOf = (guard: string) => TRANSITIONS.filter(({ guards }) => guards.some((each) => each === guard));
  const guards = Object.entries(TRANSITION_GUARDS).map(([name, rule]) => [
    name,
    rule,
    [...new Set(usesOf(name).map(({ intent }) => intent))].join(", "),
  ]);
  const columns = Map.groupBy(Object.entries(TASK_COLUMNS), ([, writers]) => writers.join(", ") || "the board alone");
  return `${GENERATED_NOTICE}

# The task's life

The statuses are ${TASK_STATUSES.join(", ")}. Each row is a step that the law allows; every other one is refused with
\`MUSTER_TRANSITION_ILLEGAL\`, or with the reason why the caller may not take it. The database judges by the same table (\`muster.transitions\`).

Who: **agent** is any registered, active agent; **holder** has the live work claim, **verifier** the live review claim; a **steward**'s role is on
the allow-list; **system** is the database itself. A step that stays in its status gives or ends a claim.

${markdownTable(["from", "to", "who", "intent", "guards", "event"], steps)}

## Guards

${markdownTable(["guard", "holds when", "asked of"], guards)}

## Who may change which field of a task

\`status\` goes by the steps above; \`claim_session\`, \`fence\`, \`version\` and \`evidence\` are the protocol itself. The author is the agent that
created the task, while it is in triage; the claimant is an agent in the very write that claims.

${markdownTable(
  ["who", "fields"],
  [...columns].map(([who, fields]) => [who, fields.map(([name]) => name).join(", ")]),
)}
`;
}
