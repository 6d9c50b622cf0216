import { foundLines, grantLines, shownLines, stateLines } from "./board-lines.ts";
import { boardVerb, type VerbOption } from "./board-verb.ts";
import type { Command } from "./command.ts";

const TASK = { name: "<task>", description: "65, #65 or the id", to: "task" } as const;
const FENCE: VerbOption = {
  flags: "--fence <n>",
  description: "fence that came with the claim",
  to: "fence",
  type: "integer",
};
const WAIT: VerbOption = {
  flags: "--wait <seconds>",
  description: "wait for a task, at most 45",
  to: "wait",
  type: "integer",
};
const COST: readonly VerbOption[] = [
  { flags: "--tokens-in <n>", description: "tokens read", to: "tokens_in", type: "integer" },
  { flags: "--tokens-out <n>", description: "tokens written", to: "tokens_out", type: "integer" },
  { flags: "--cost-usd <n>", description: "cost in US dollars", to: "cost_usd", type: "number" },
];
const KEPT = "\nWhen the board cannot be asked, the operation is kept in the outbox; exit 8 says so.";

/** The board's verbs for people, hooks and scripts: each is one call, made as one agent. */
export const BOARD_VERBS: readonly Command[] = [
  boardVerb({
    word: "next",
    verb: "next",
    summary: "Claim the best ready task",
    help: "Priority, then how much it unblocks, then age. Nothing ready is exit 0 too.\n\n  elk-os board next --agent a01 --wait 30 --json",
    options: [{ flags: "--project <key>", description: "only of this project", to: "project" }, WAIT],
    session: true,
    lines: grantLines,
  }),
  boardVerb({
    word: "claim",
    verb: "next",
    summary: "Claim the named task; again with the same session renews the lease",
    help: "  elk-os board claim 65 --agent a01",
    positional: [TASK],
    session: true,
    lines: grantLines,
  }),
  boardVerb({
    word: "show",
    verb: "show",
    summary: "Read one task with its notes, claims and verdicts",
    help: "  elk-os board show 65",
    positional: [TASK],
    lines: shownLines,
  }),
  boardVerb({
    word: "find",
    verb: "find",
    summary: "List tasks by words, status or project",
    help: "  elk-os board find clock --status ready",
    positional: [{ name: "[text]", description: "words in title or description", to: "text" }],
    options: [
      {
        flags: "--status <status>",
        description: "triage, ready, in_progress, blocked, in_review, done, cancelled",
        to: "status",
      },
      { flags: "--project <key>", description: "only of this project", to: "project" },
      { flags: "--mine", description: "only those that the agent holds", to: "mine", type: "flag" },
      { flags: "--limit <n>", description: "at most so many (default 10, at most 50)", to: "limit", type: "integer" },
    ],
    lines: foundLines,
  }),
  boardVerb({
    word: "note",
    verb: "note",
    keeps: "note",
    summary: "Write on a task what must be remembered",
    help: `  elk-os board note 65 "The clock is monotonic." --kind finding --agent a01${KEPT}`,
    positional: [TASK, { name: "<body>", description: "the note", to: "body" }],
    options: [{ flags: "--kind <kind>", description: "note, decision, finding, handoff or closing", to: "kind" }],
    lines: () => ["noted"],
  }),
  boardVerb({
    word: "submit",
    verb: "submit",
    keeps: "submit",
    summary: "Hand in a result for review",
    help: `  elk-os board submit 65 --fence 3 --commit abc123 --summary "Made it." --agent a01${KEPT}`,
    positional: [TASK],
    options: [
      FENCE,
      { flags: "--commit <sha>", description: "commit that holds the result", to: "commit" },
      { flags: "--artifact <name>", description: "or where else it is", to: "artifact" },
      { flags: "--summary <text>", description: "what was done", to: "summary" },
      ...COST,
    ],
    lines: stateLines,
  }),
  boardVerb({
    word: "review",
    verb: "review",
    summary: "Claim a submission to verify it",
    help: "Nobody verifies their own work.\n\n  elk-os board review --agent b01",
    positional: [{ ...TASK, name: "[task]" }],
    options: [WAIT],
    session: true,
    lines: grantLines,
  }),
  boardVerb({
    word: "verdict",
    verb: "verdict",
    keeps: "verdict",
    summary: "Judge the submission under review, with evidence",
    help: `  elk-os board verdict 65 pass --fence 4 --evidence "Ran it at abc123; 41 tests pass." --checks "0 npm test" --agent b01${KEPT}`,
    positional: [TASK, { name: "<verdict>", description: "pass, fail or inconclusive", to: "verdict" }],
    options: [
      FENCE,
      { flags: "--evidence <text>", description: "what ran, where, and what came out", to: "evidence" },
      {
        flags: "--checks <list>",
        description: "exit code and command of each check, with commas between",
        to: "checks",
        type: "list",
      },
      { flags: "--commit <sha>", description: "commit that was judged", to: "commit" },
    ],
    lines: stateLines,
  }),
  boardVerb({
    word: "release",
    verb: "release",
    keeps: "release",
    summary: "Give a claim back",
    help: `  elk-os board release 65 --fence 3 --reason "Needs a Mac." --agent a01${KEPT}`,
    positional: [TASK],
    options: [FENCE, { flags: "--reason <text>", description: "for whoever takes it next", to: "reason" }],
    lines: stateLines,
  }),
  boardVerb({
    word: "block",
    verb: "release",
    keeps: "release",
    summary: "Say what a claimed task waits for",
    help: `needs_human also needs --owner and --action.

  elk-os board block 65 needs_human --fence 3 --reason "No key." --owner ops --action "Make a key." --agent a01${KEPT}`,
    positional: [
      TASK,
      { name: "<type>", description: "dependency, needs_human, capability or transient", to: "blocked_type" },
    ],
    options: [
      FENCE,
      { flags: "--reason <text>", description: "why it cannot go on", to: "reason" },
      { flags: "--owner <who>", description: "who can help", to: "owner" },
      { flags: "--action <text>", description: "what they should do", to: "action" },
      { flags: "--until <time>", description: "ISO time at which it wakes by itself", to: "until" },
    ],
    lines: stateLines,
  }),
  boardVerb({
    word: "add",
    verb: "add",
    keeps: "add",
    summary: "Propose a task; it waits in triage",
    help: `  elk-os board add demo "Measure the clock" --acceptance "Drift is known" --agent a01${KEPT}`,
    positional: [
      { name: "<project>", description: "key of the project", to: "project" },
      { name: "<title>", description: "what is to be done", to: "title" },
    ],
    options: [
      { flags: "--description <text>", description: "all that the title does not say", to: "description" },
      {
        flags: "--acceptance <list>",
        description: "what a verifier will check, with commas between",
        to: "acceptance",
        type: "list",
      },
      {
        flags: "--checks <list>",
        description: "commands that must end with 0 before a pass, with commas between",
        to: "checks",
        type: "list",
      },
      { flags: "--class <class>", description: "feature, bug, chore, docs, research or ops", to: "class" },
      { flags: "--priority <p>", description: "P0 to P3", to: "priority" },
      { flags: "--risk <risk>", description: "low, medium or high", to: "risk" },
      { flags: "--paths <list>", description: "paths that it touches", to: "paths", type: "list" },
      { flags: "--capabilities <list>", description: "what the agent must list", to: "capabilities", type: "list" },
      { flags: "--depends-on <list>", description: "tasks that must be done first", to: "depends_on", type: "list" },
      { flags: "--ready", description: "ready at once; stewards only", to: "ready", type: "flag" },
    ],
    lines: stateLines,
  }),
];
