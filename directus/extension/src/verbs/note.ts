import { z } from "zod";
import { LONG_TEXT, taskRef, text } from "./texts.ts";
import { defineVerb } from "./verb.ts";

export const note = defineVerb({
  name: "note",
  description: "Write on a task what must be remembered.",
  writes: true,
  shape: {
    task: taskRef(),
    body: text(LONG_TEXT),
    kind: z.enum(["note", "decision", "finding", "handoff", "closing"]).optional(),
  },
  run: (desk, { task, body, kind }, op) => desk.law("add_note", { task, body, kind: kind ?? "note", op }),
});
