/** Tasks as a fleet leaves them after months, as a history document (board/docs/history-document.md). Pure, and the same for the same numbers. */

export interface MadeAgent {
  readonly name: string;
  readonly family: string;
}

export interface MadeHistory {
  readonly tasks: readonly object[];
  readonly claims: readonly Claim[];
  readonly notes: readonly object[];
  readonly verifications: readonly object[];
}

interface Claim {
  readonly task: number;
  readonly epoch: number;
  readonly kind: "work" | "review";
  readonly agent: string;
  readonly [field: string]: unknown;
}

/** What search reads and the portal shows is a board of its usual size; at this size both have benches of their own. */
export const PROJECTS = { public: "operations", private: "operations-private" } as const;
/** No multiple of a life's place among LIVES: public tasks are in every state. */
const PUBLIC_EVERY = 101;
export const PHASES = 6;

/** One claim, with what ended it. A verdict is of a review, everything else of work. */
type Stint = "submitted" | "pass" | "fail" | "expired" | "blocked";

interface Life {
  readonly status: "done" | "ready" | "triage" | "in_review" | "blocked";
  readonly stints: readonly Stint[];
}

const done: Life = { status: "done", stints: ["submitted", "pass"] };
const reworked: Life = { status: "done", stints: ["submitted", "fail", "submitted", "pass"] };
const ready: Life = { status: "ready", stints: [] };
/** Of twenty tasks in a row; most of an old board is done. */
const LIVES: readonly Life[] = [
  ...[done, done, ready, done, reworked, done, done, { status: "triage", stints: [] } as const, done, ready],
  ...[done, { status: "in_review", stints: ["submitted"] } as const, done, done, reworked],
  ...[ready, done, { status: "blocked", stints: ["blocked"] } as const, done],
  { status: "ready", stints: ["expired"] },
];
const CLASSES = ["feature", "bug", "chore", "docs", "research", "ops"] as const;
const RISKS = ["low", "medium", "high"] as const;
const PARTS = ["engine", "hull", "mast", "rudder", "galley", "hold", "anchor"] as const;
const STINT_MINUTES = 25;
/** Between two tasks: a hundred thousand take a good two months. */
const TASK_SECONDS = 60;
/** The longest life takes under two hours. */
const DAYS_OF_REST = 2;
const WITNESS = "It was tried twice from an empty folder, once beside a second run, and nothing was left behind.";

/** A run of numbers, and where all that is made ends: one above the last number. */
export interface MadeRange {
  readonly first: number;
  readonly count: number;
  readonly end: number;
}

/**
 * The tasks `first` to `first + count - 1`; what happened to them ended a day before `nowMs` or earlier.
 * @throws Error when all agents are of one family: nobody may then review anybody at medium risk
 */
export function madeHistory(
  { first, count, end }: MadeRange,
  agents: readonly MadeAgent[],
  nowMs: number,
): MadeHistory {
  const made = Array.from({ length: count }, (_, at) => madeTask(first + at, end, agents, nowMs));
  return {
    tasks: made.map(({ task }) => task),
    claims: made.flatMap(({ claims }) => claims),
    notes: made.flatMap(({ notes }) => notes),
    verifications: made.flatMap(({ verifications }) => verifications),
  };
}

function madeTask(number: number, end: number, agents: readonly MadeAgent[], nowMs: number) {
  const { status, stints } = pick(LIVES, number);
  const author = pick(agents, number);
  const reviewer = pick(othersThan(author, agents), number);
  const bornMs = nowMs - DAYS_OF_REST * 86_400_000 - (end - number) * TASK_SECONDS * 1_000;
  const at = (minutes: number) => new Date(bornMs + minutes * 60_000).toISOString();
  const claims = stints.map((stint, index): Claim => {
    const isReview = stint === "pass" || stint === "fail";
    const { name } = isReview ? reviewer : author;
    return {
      task: number,
      epoch: index + 1,
      kind: isReview ? "review" : "work",
      attempt: 1 + stints.slice(0, index).filter((before) => before === "fail").length,
      agent: name,
      session: `${name}-${Math.floor(number / 40)}`,
      claimed_at: at(index * STINT_MINUTES + 5),
      ended_at: at((index + 1) * STINT_MINUTES),
      ended_by: isReview ? "verdict" : stint,
      ...(stint === "submitted" && index + 1 < stints.length
        ? { outcome: stints[index + 1] === "fail" ? "rework" : "accepted" }
        : {}),
      tokens_in: 20_000 + ((number * 37) % 30_000),
      tokens_out: 2_000 + ((number * 13) % 4_000),
      cost_usd: 0.1 + (number % 20) / 100,
    };
  });
  const part = pick(PARTS, number);
  const isSubmitted = status === "done" || status === "in_review";
  const endedAt = at(stints.length * STINT_MINUTES);
  const task = {
    number,
    project: number % PUBLIC_EVERY === 0 ? PROJECTS.public : PROJECTS.private,
    phase: `P${number % PHASES}`,
    title: `Part ${number} of the ${part} holds under load`,
    description: `The ${part} gave way in trial ${number % 97} after an hour at full load. Find which joint moved first, and hold it without making the ${part} heavier.`,
    class: pick(CLASSES, number),
    status,
    priority: `P${number % 4}`,
    risk: pick(RISKS, number),
    acceptance: [
      { id: "a1", text: `The ${part} holds for two hours at full load` },
      { id: "a2", text: "The test that shows it fails without the change" },
    ],
    labels: [part, `trial-${number % 97}`],
    paths: [`${part}/part-${number % 400}/`],
    attempt: stints.filter((stint) => stint === "fail").length,
    created_at: at(0),
    ...(isSubmitted ? { submitted_commit: commitOf(number), submitted_by: author.name } : {}),
    ...(status === "in_review" ? { submitted_at: endedAt } : {}),
    ...(status === "done"
      ? {
          submitted_at: at((stints.length - 1) * STINT_MINUTES),
          verified_by: reviewer.name,
          verified_at: endedAt,
          done_at: endedAt,
          closing_note: `Joint ${number % 12} moved first; it is held from both sides now. ${WITNESS}`,
        }
      : {}),
    ...(status === "blocked"
      ? { blocked_type: "transient", blocked_reason: "The test bench is taken until tomorrow." }
      : {}),
  };
  const notes = claims
    .filter(({ kind }) => kind === "work")
    .map(({ epoch, agent }) => ({
      task: number,
      agent,
      kind: epoch % 2 === 1 ? "finding" : "decision",
      body: `Try ${epoch} at part ${number}: joint ${(number + epoch) % 12} moves by ${number % 9} mm at full load. ${WITNESS}`,
      created_at: at((epoch - 1) * STINT_MINUTES + 15),
    }));
  const verifications = stints.flatMap((stint, index) =>
    stint === "pass" || stint === "fail"
      ? {
          task: number,
          epoch: index + 1,
          attempt: claims[index]?.["attempt"],
          agent: reviewer.name,
          session: claims[index]?.["session"],
          verdict: stint,
          evidence: `Ran the trial ${stint === "pass" ? "for two hours: nothing moved" : "for forty minutes: the joint moved"}. ${WITNESS}`,
          checks: [
            {
              command: `npm test -- part-${number}`,
              exit_code: stint === "pass" ? 0 : 1,
              log_sha256: `${commitOf(number)}${"0".repeat(24)}`,
            },
          ],
          created_at: at((index + 1) * STINT_MINUTES),
        }
      : [],
  );
  return { task, claims, notes, verifications };
}

function othersThan({ family }: MadeAgent, agents: readonly MadeAgent[]): readonly MadeAgent[] {
  const others = agents.filter((agent) => agent.family !== family);
  if (others.length === 0) throw new Error(`Every agent is of the family ${family}: nobody could verify.`);
  return others;
}

/** 40 hex digits, another one for each number. */
function commitOf(number: number): string {
  return number.toString(16).padStart(8, "0").repeat(5);
}

function pick<T>(from: readonly T[], number: number): T {
  const [first] = from;
  const found = from[number % from.length] ?? first;
  if (found === undefined) throw new Error("There is nothing to pick from.");
  return found;
}
