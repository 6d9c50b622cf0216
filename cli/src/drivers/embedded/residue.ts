import { existsSync } from "node:fs";
import { findByFolder, type ProcessInfo } from "../../host/process-table.ts";
import { servicesOf } from "../../services/index.ts";
import type { Foundation } from "./foundation.ts";
import { layoutOf } from "./layout.ts";
import { findPortHolder } from "./port-holder.ts";
import { socketPathIn, spareSocketFolder } from "./supervisor/socket-path.ts";

/**
 * Processes that work in the instance's folders, ports whose holder proves to be of the instance, and the folder that holds the control
 * socket where the state folder's path is too long. The proof needs the instance's key: once the secrets are gone, a holder is found by its
 * folders alone.
 */
export async function findResidue(foundation: Foundation, signal: AbortSignal): Promise<readonly string[]> {
  const { config, paths, secrets } = foundation;
  const processes = findByFolder([paths.run, paths.data]);
  const found = processes.map(describe);
  if (secrets.has("instance_key")) {
    for (const service of servicesOf(config)) {
      const context = layoutOf(foundation).contextOf(service);
      const holder = await findPortHolder({ service, context, record: null, secrets, signal });
      if (holder?.verdict === "ORPHAN")
        found.push(`port ${config[service.portKey]}, held by ${service.title}: ${holder.why}`);
    }
  }
  const spare = spareSocketFolder(paths.run);
  if (socketPathIn(paths.run) === null && existsSync(spare)) found.push(`folder ${spare}`);
  return found;
}

function describe({ pid, argv }: ProcessInfo): string {
  return `process ${pid} (${argv.slice(0, 3).join(" ")})`;
}
