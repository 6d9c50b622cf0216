/** Tasks that a test finds again by their titles, through Directus as an administrator. */
import { z } from "zod";
import type { Stack } from "./stack.ts";

const projects = z.object({ data: z.tuple([z.object({ id: z.string() })]) });
const counted = z.object({ data: z.tuple([z.object({ count: z.coerce.number() })]) });

function headersOf(stack: Stack): Record<string, string> {
  return { authorization: `Bearer ${stack.secret("directus_admin_token")}`, "content-type": "application/json" };
}

/** Adds a ready task to the board's first project. @throws Error when Directus does not take it */
export async function addTask(stack: Stack, title: string): Promise<void> {
  const headers = headersOf(stack);
  const found = await fetch(`${stack.urls.directus}/items/os_projects?limit=1&fields=id`, { headers });
  const [{ id }] = projects.parse(await found.json()).data;
  const task = { project: id, title, status: "ready", acceptance: [{ id: "a1", text: "It is still there." }] };
  const made = await fetch(`${stack.urls.directus}/items/os_tasks`, {
    method: "POST",
    headers,
    body: JSON.stringify(task),
  });
  if (!made.ok) throw new Error(`Directus did not take "${title}": ${await made.text()}`);
}

export async function countTasks(stack: Stack, title: string): Promise<number> {
  const query = new URLSearchParams({ "filter[title][_eq]": title, "aggregate[count]": "*" });
  const answer = await fetch(`${stack.urls.directus}/items/os_tasks?${query}`, { headers: headersOf(stack) });
  return counted.parse(await answer.json()).data[0].count;
}
