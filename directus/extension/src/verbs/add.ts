import { z } from "zod";
import { LONG_TEXT, SHORT_TEXT, taskRef, text, texts } from "./texts.ts";
import { defineVerb } from "./verb.ts";

export const add = defineVerb({
  name: "add",
  description: "Propose a task for triage. acceptance: what a verifier judges; checks: commands it must run.",
  writes: true,
  shape: {
    project: text(SHORT_TEXT, "key"),
    title: text(300),
    description: text(LONG_TEXT).optional(),
    acceptance: texts(2000).optional(),
    checks: texts(2000).optional(),
    class: z.enum(["feature", "bug", "chore", "docs", "research", "ops"]).optional(),
    priority: z.enum(["P0", "P1", "P2", "P3"]).optional(),
    risk: z.enum(["low", "medium", "high"]).optional(),
    capabilities: texts(SHORT_TEXT).optional(),
    paths: texts(SHORT_TEXT).optional(),
    depends_on: z.array(taskRef()).max(100).optional(),
    ready: z.boolean().describe("stewards only").optional(),
  },
  run(desk, { acceptance = [], checks = [], capabilities, ready, ...rest }, op) {
    const items = [
      ...acceptance.map((item) => ({ text: item })),
      ...checks.map((command) => ({ text: `\`${command}\` ends with 0`, check: command })),
    ];
    const task = {
      ...rest,
      ...(items.length === 0 ? {} : { acceptance: items.map((item, at) => ({ id: `a${at + 1}`, ...item })) }),
      ...(capabilities === undefined ? {} : { required_capabilities: capabilities }),
      ...(ready === true ? { status: "ready" } : {}),
    };
    return desk.law("add_task", { task, op });
  },
});
