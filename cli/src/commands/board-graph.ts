import { z } from "zod";
import { openBoardUser } from "../board-client/board-user.ts";
import { openDirectus } from "../directus/client.ts";
import { EXIT } from "../errors/catalog.ts";
import type { Command } from "./command.ts";

const end = z.object({ number: z.number(), title: z.string(), status: z.string() });
const edges = z.array(z.object({ task: end, depends_on: end }));
type End = z.infer<typeof end>;

export const boardGraph: Command = {
  name: "board graph",
  summary: "Draw what waits for what",
  help: "Each task that something waits for, and below it what waits.\n\n  elk-os board graph --open",
  options: [
    { flags: "--open", description: "only what is not done or cancelled" },
    { flags: "--agent <name>", description: "read as this agent; default: the operator" },
  ],
  async run({ options, loaded, signal }) {
    const { url, token } = openBoardUser(loaded, options["agent"], signal);
    const ends = ["number", "title", "status"];
    const fields = ["task", "depends_on"].flatMap((side) => ends.map((field) => `${side}.${field}`));
    const params = { fields, limit: -1 };
    const all = edges.parse(
      await openDirectus({ url, token, signal }).request("GET", "/items/os_task_dependencies", { params }),
    );
    const shown = options["open"] === true ? all.filter(({ task }) => isOpen(task)) : all;
    const data = { edges: shown.map(({ task, depends_on }) => ({ task: task.number, depends_on: depends_on.number })) };
    return { exit: EXIT.ok, data, lines: shown.length === 0 ? ["nothing waits for anything"] : draw(shown) };
  },
};

const isOpen = ({ status }: End): boolean => status !== "done" && status !== "cancelled";

function draw(shown: z.infer<typeof edges>): readonly string[] {
  const ends = new Map(
    shown.flatMap(({ task, depends_on }) => [task, depends_on].map((at) => [at.number, at] as const)),
  );
  const waiting = Map.groupBy(shown, ({ depends_on }) => depends_on.number);
  const held = new Set(shown.map(({ task }) => task.number));
  const drawn = new Set<number>();
  const branch = (at: End, depth: number): readonly string[] => {
    const line = `${"  ".repeat(depth)}#${at.number} ${at.status}  ${at.title}`;
    // A task that several wait for is drawn whole once.
    if (drawn.has(at.number)) return [`${line}  (above)`];
    drawn.add(at.number);
    return [line, ...(waiting.get(at.number) ?? []).flatMap(({ task }) => branch(task, depth + 1))];
  };
  return [...ends.values()].filter(({ number }) => !held.has(number)).flatMap((root) => branch(root, 0));
}
