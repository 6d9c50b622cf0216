import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { DirectusClient } from "./client.ts";
import type { Prompt } from "./data-schema.ts";

const promptRow = z.looseObject({ id: z.string(), name: z.string() });

interface StalePrompt {
  readonly prompt: Prompt;
  /** Row of its name; null where there is none. */
  readonly id: string | null;
}

/** Shipped prompts that are missing or differ on the board. Reads only. */
export async function findStalePrompts(
  client: DirectusClient,
  prompts: readonly Prompt[],
): Promise<readonly StalePrompt[]> {
  const rows = z.array(promptRow).parse(await client.request("GET", "/items/os_prompts", { params: { limit: -1 } }));
  const byName = new Map(rows.map((row) => [row.name, row]));
  return prompts.flatMap((prompt): readonly StalePrompt[] => {
    const row = byName.get(prompt.name);
    if (row === undefined) return [{ prompt, id: null }];
    const isSame = Object.entries(prompt).every(([key, value]) => isDeepStrictEqual(row[key], value));
    return isSame ? [] : [{ prompt, id: row.id }];
  });
}

/** Creates or updates the shipped prompts by name; prompts that others added stay. */
export async function ensurePrompts(
  client: DirectusClient,
  prompts: readonly Prompt[],
): Promise<{ readonly changed: number }> {
  const stale = await findStalePrompts(client, prompts);
  for (const { prompt, id } of stale) {
    if (id === null) await client.request("POST", "/items/os_prompts", { body: prompt });
    else await client.request("PATCH", `/items/os_prompts/${id}`, { body: prompt });
  }
  return { changed: stale.length };
}
