import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { DirectusClient } from "./client.ts";
import type { Prompt } from "./data-schema.ts";

const promptRow = z.looseObject({ id: z.string(), name: z.string() });

/** Creates or updates the shipped prompts by name; prompts that others added stay. */
export async function ensurePrompts(
  client: DirectusClient,
  prompts: readonly Prompt[],
): Promise<{ readonly changed: number }> {
  const rows = z.array(promptRow).parse(await client.request("GET", "/items/os_prompts", { params: { limit: -1 } }));
  const byName = new Map(rows.map((row) => [row.name, row]));
  let changed = 0;
  for (const prompt of prompts) {
    const row = byName.get(prompt.name);
    if (row !== undefined && Object.entries(prompt).every(([key, value]) => isDeepStrictEqual(row[key], value)))
      continue;
    if (row === undefined) await client.request("POST", "/items/os_prompts", { body: prompt });
    else await client.request("PATCH", `/items/os_prompts/${row.id}`, { body: prompt });
    changed += 1;
  }
  return { changed };
}
