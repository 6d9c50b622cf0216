import { z } from "zod";
import { refusalOf } from "../muster-refusal.ts";
import { add } from "./add.ts";
import { note } from "./note.ts";
import { release } from "./release.ts";
import { submit } from "./submit.ts";
import { text } from "./texts.ts";
import { defineVerb, type Verb } from "./verb.ts";
import { verdict } from "./verdict.ts";

/** What an outbox may hold. No claims: that at most one agent holds a task cannot be decided without the board. */
const REPLAYABLE: ReadonlyMap<string, Verb> = new Map(
  [note, release, submit, verdict, add].map((verb) => [verb.name, verb]),
);

/**
 * Applies one operation that an outbox kept while the board was out of reach: `{result: "applied" | "duplicate" | "rejected", …}`.
 * A refusal of the law is an answer, not an error; work of a dead claim is kept as a note on the task.
 */
export const replay = defineVerb({
  name: "replay",
  description: "Apply an operation from an outbox exactly once.",
  writes: true,
  shape: {
    op: z.uuid(),
    verb: z.enum(["note", "release", "submit", "verdict", "add"]),
    args: text(200_000, "the verb's arguments as JSON text"),
  },
  run(desk, { op, verb, args }) {
    const replayed = REPLAYABLE.get(verb);
    if (replayed === undefined) throw refusalOf("MUSTER_VALUE_INVALID");
    const applying = {
      ...desk,
      law: (name: string, { op: _, ...named }: Readonly<Record<string, unknown>>) =>
        desk.law("apply_op", { op, operation: { verb: name, args: named } }),
    };
    return replayed.invoke(applying, parsed(args));
  },
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refusalOf("MUSTER_VALUE_INVALID");
  }
}
