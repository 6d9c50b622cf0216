/** The result of a long run as a page of Markdown. Pure. */
import type { MachineFacts } from "../../bench/footprint/machine.ts";
import type { LongOutcome } from "./long.ts";
import { GOAL, type Part } from "./parts.ts";

export interface LongResult extends MachineFacts {
  /** Load of the last minute of the run. */
  readonly loadAfter: number;
  readonly seed: number;
  /** The most memory that the racing process ever had, in MB of 10^6 bytes. */
  readonly peakRssMb: number;
  readonly parts: readonly { readonly part: Part; readonly outcome: LongOutcome }[];
}

/** Whether so many attempts were made, over HTTP and altogether. */
export function reachesGoal({ parts }: Pick<LongResult, "parts">): boolean {
  const made = (name?: Part["name"]) =>
    parts
      .filter(({ part }) => name === undefined || part.name === name)
      .reduce((sum, { outcome }) => sum + outcome.attempts, 0);
  return made() >= GOAL.attempts && made("http") >= GOAL.http;
}

/** Attempts per second of the whole part, tasks made, histories checked and tasks cleared away included. */
export const rateOf = ({ attempts, wallSeconds }: LongOutcome): number => Math.round(attempts / wallSeconds);

const whole = (value: number) => Math.round(value).toLocaleString("en-US");
const line = (cells: readonly unknown[]) => `| ${cells.join(" | ")} |`;
const counted = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts)
    .toSorted()
    .map(([name, value]) => `${name} ${whole(value)}`)
    .join(", ") || "none";

export function page(result: LongResult): string {
  const { parts, at, commit, machine, load, loadAfter, seed, peakRssMb } = result;
  const all = parts.map(({ outcome }) => outcome);
  const sum = (of: (outcome: LongOutcome) => number) => all.reduce((total, outcome) => total + of(outcome), 0);
  const violations = all.flatMap((outcome) => outcome.violations);
  const rows = parts.map(({ part, outcome }) =>
    line([
      part.name,
      part.doors.join(", "),
      part.racers,
      part.inFlight,
      `${outcome.rounds} × ${part.tasks}`,
      `${whole(outcome.attempts)} of ${whole(part.attempts)}`,
      counted(outcome.winners),
      outcome.violations.length,
      whole(outcome.wallSeconds),
      `${whole(outcome.attempts / outcome.seconds)} racing, ${whole(rateOf(outcome))} with everything`,
    ]),
  );
  return `# Races through the real doors, ${at.slice(0, 10)}

\`npm run race -- --long\`, seed ${seed}, at ${commit}; ${machine}; load ${load.toFixed(1)} before, ${loadAfter.toFixed(1)} after. The racing process never had more than ${peakRssMb} MB.

Goal: ${whole(GOAL.attempts)} attempts, ${whole(GOAL.http)} of them through doors that speak HTTP: **${reachesGoal(result) ? "reached" : "not reached"}**, with ${whole(sum(({ attempts }) => attempts))} in ${whole(sum(({ wallSeconds }) => wallSeconds) / 60)} minutes. Violations: **${violations.length}**.

| part | doors | racers | each with | races × tasks | attempts | tasks by number of winners | violations | s | attempts/s |
|---|---|---|---|---|---|---|---|---|---|
${rows.join("\n")}

Every racer tries every task of a race once; each attempt is a transaction of its own. The history of every task was checked against I1 to I22 after its race
(docs/claims.md), and each claim with a key was sent once more under it.

${parts.map(({ part, outcome }) => `- ${part.name}: attempts ${counted(outcome.attemptsByDoor)}; wins ${counted(outcome.winsByDoor)}; answers that were no win ${counted(outcome.errors)}.`).join("\n")}
${
  violations.length === 0
    ? ""
    : `\n## Violations\n\n${violations
        .slice(0, MOST_NAMED)
        .map((violation) => `- ${violation}`)
        .join("\n")}\n`
}`;
}

/** The rest is counted. */
const MOST_NAMED = 50;
