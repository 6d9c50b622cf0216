import { setTimeout as delay } from "node:timers/promises";
import { SERVICE_IDS, type ServiceId } from "../services/service-def.ts";
import { queryRows } from "../stack/sql.ts";
import type { Stack } from "../stack/stack.ts";

const INTERVAL_MS = 100;
const ANSWER_TIMEOUT_MS = 2_000;

/** Seconds during which each service did not do its work for a caller, while `work` ran: from the last good answer to the next. */
export async function measureOutage<T>(
  stack: Stack,
  services: readonly ServiceId[],
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly seconds: Readonly<Partial<Record<ServiceId, number>>> }> {
  const ended = new AbortController();
  const watched = SERVICE_IDS.filter((id) => services.includes(id));
  const watches = watched.map(async (id) => [id, await watch(() => answers(stack, id), ended.signal)] as const);
  try {
    const result = await work();
    ended.abort();
    return { result, seconds: Object.fromEntries(await Promise.all(watches)) };
  } finally {
    ended.abort();
  }
}

async function watch(ask: () => Promise<boolean>, ended: AbortSignal): Promise<number> {
  let good = performance.now();
  let lostMs = 0;
  let isDown = false;
  for (;;) {
    const ok = await ask();
    const now = performance.now();
    if (ok && isDown) lostMs += now - good;
    if (ok) good = now;
    isDown = !ok;
    // Still down at the end: what was lost until now is what is known.
    if (ended.aborted) return Math.round((isDown ? lostMs + now - good : lostMs) / 100) / 10;
    await delay(INTERVAL_MS);
  }
}

/** One piece of real work: a row read through Directus, a search, the portal's own answer, a query. */
async function answers({ config, secrets, connections }: Stack, id: ServiceId): Promise<boolean> {
  const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  const bearer = (name: "directus_admin_token" | "rag_key") => ({
    authorization: `Bearer ${secrets.read(name).reveal()}`,
    "content-type": "application/json",
  });
  try {
    switch (id) {
      case "postgres":
        return (await queryRows(connections, "postgres", "connection.probe")).length === 1;
      case "directus":
        return await isOk(`http://127.0.0.1:${config.directusPort}/items/os_tasks?limit=1&fields=id`, {
          headers: bearer("directus_admin_token"),
          signal,
        });
      case "rag":
        return await isOk(`http://127.0.0.1:${config.ragPort}/search`, {
          method: "POST",
          headers: bearer("rag_key"),
          body: JSON.stringify({ query: "probe", limit: 1 }),
          signal,
        });
      case "portal":
        return await isOk(`http://127.0.0.1:${config.portalPort}/api/snapshot`, { signal });
    }
  } catch {
    // Refused, reset or late: not an answer.
    return false;
  }
}

async function isOk(url: string, init: RequestInit): Promise<boolean> {
  const response = await fetch(url, init);
  await response.body?.cancel();
  return response.ok;
}
