import { join } from "node:path";
import { findByFolder, nameProcess, signalProcess } from "../../host/process-table.ts";
import { waitUntil } from "../../host/wait.ts";

/** An immediate shutdown takes tenths of a second; five for its children, which Postgres then kills itself. */
const END = { timeoutMs: 10_000, intervalMs: 50 } as const;

/**
 * Ends the Postgres whose data lie in `data` of that folder: a killed elk-os leaves its scratch server running. SIGQUIT is Postgres's immediate
 * shutdown, for nothing in it is kept. Returns when no process of the folder is left, or after 10 s.
 */
export async function endLeftServer(folder: string): Promise<void> {
  const servers = findByFolder([folder]).filter(({ argv }) => argv.includes(join(folder, "data")));
  for (const { pid } of servers) {
    const name = nameProcess(pid);
    if (name !== null) signalProcess(name, "SIGQUIT");
  }
  await waitUntil(() => findByFolder([folder]).length === 0, END);
}
