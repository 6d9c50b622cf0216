import { join } from "node:path";
import { type DirectusClient, openDirectus } from "../directus/client.ts";
import type { DirectusData } from "../directus/data-schema.ts";
import { loadDirectusData } from "../directus/load-data.ts";
import type { Stack } from "./stack.ts";

export function directusUrl({ config }: Pick<Stack, "config">): string {
  return `http://127.0.0.1:${config.directusPort}`;
}

/** Directus as its administrator; opens nothing until the first request. */
export function openAdmin(stack: Stack, signal: AbortSignal): DirectusClient {
  return openDirectus({ url: directusUrl(stack), token: stack.secrets.read("directus_admin_token").reveal(), signal });
}

/** What the checkout says Directus should be. */
export function wantedDirectus({ checkout }: Pick<Stack, "checkout">): DirectusData {
  return loadDirectusData(join(checkout, "directus"));
}
