import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { DirectusClient } from "./client.ts";

export type Settings = Readonly<Record<string, string | boolean | null>>;

/** Names of the settings that differ. Changes nothing. */
export async function diffSettings(client: DirectusClient, wanted: Settings): Promise<readonly string[]> {
  const answer = await client.request("GET", "/settings", { params: { fields: Object.keys(wanted) } });
  const current = z.record(z.string(), z.unknown()).parse(answer);
  return Object.keys(wanted).filter((key) => !isDeepStrictEqual(current[key], wanted[key]));
}

/** Patches the settings that differ; what `wanted` does not name stays, so that a second migrate does not undo wire. */
export async function ensureSettings(client: DirectusClient, wanted: Settings): Promise<{ readonly changed: number }> {
  const keys = await diffSettings(client, wanted);
  const body = Object.fromEntries(keys.map((key) => [key, wanted[key]]));
  if (keys.length > 0) await client.request("PATCH", "/settings", { body });
  return { changed: keys.length };
}
