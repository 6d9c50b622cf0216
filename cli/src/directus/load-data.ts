import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import {
  collectionFileSchema,
  type DirectusData,
  foldersSchema,
  idsSchema,
  promptsSchema,
  rolesSchema,
  settingsSchema,
  studioSchema,
} from "./data-schema.ts";

/**
 * Reads and validates the data in a checkout's `directus/` folder. `mcp-system-prompt.md` becomes the setting of that name.
 * Throws an Error that names the file when one is missing or does not fit: the checkout is damaged.
 */
export function loadDirectusData(folder: string): DirectusData {
  const collections = readdirSync(join(folder, "collections"))
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => readJson(join(folder, "collections", name), collectionFileSchema));
  const settings = readJson(join(folder, "settings.json"), settingsSchema);
  const systemPrompt = readFileSync(join(folder, "mcp-system-prompt.md"), "utf8").trim();
  return {
    collections,
    folders: readJson(join(folder, "folders.json"), foldersSchema),
    ids: readJson(join(folder, "ids.json"), idsSchema),
    roles: readJson(join(folder, "roles.json"), rolesSchema),
    settings: { ...settings, migrate: { ...settings.migrate, mcp_system_prompt: systemPrompt } },
    prompts: readJson(join(folder, "prompts.json"), promptsSchema),
    studio: readJson(join(folder, "studio.json"), studioSchema),
  };
}

function readJson<Schema extends z.ZodType>(path: string, schema: Schema): z.infer<Schema> {
  try {
    return schema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new Error(`${path} is not valid: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
