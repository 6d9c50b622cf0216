import type { McpProbe } from "./mcp-probe.ts";

/** A task of the board, as cli/sql/task.sample.sql answers it. */
export interface SampleTask {
  readonly number: number;
  readonly title: string;
}

/** Reads the task as the probe's agent, through the tool that it would use. Null when it reads back as it is, else what happened. */
export async function findUnread(mcp: Pick<McpProbe, "items">, task: SampleTask): Promise<string | null> {
  const query = { fields: ["number", "title"], filter: { number: { _eq: task.number } }, limit: 1 };
  const read = await mcp.items({ action: "read", collection: "os_tasks", query });
  if (!read.ok) return `reading task #${task.number} was refused: ${read.message}`;
  const title = read.rows[0]?.["title"];
  return title === task.title ? null : `task #${task.number} reads back as "${String(title)}"`;
}
