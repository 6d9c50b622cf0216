import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { isAlive } from "../../host/process-table.ts";
import { CHORE_IDS } from "../../services/chores.ts";
import { servicesOf } from "../../services/index.ts";
import type { ServiceDef } from "../../services/service-def.ts";
import type { Progress } from "../driver.ts";
import { type Foundation, supervisorPlace } from "./foundation.ts";
import { layoutOf } from "./layout.ts";
import { findPortHolder, nameOrphan } from "./port-holder.ts";
import { endProcess } from "./supervisor/child.ts";
import { endChore } from "./supervisor/chore.ts";
import { openRecords, type Records } from "./supervisor/records.ts";
import { socketPathIn } from "./supervisor/socket-path.ts";
import { findSupervisor } from "./supervisor/supervisor-client.ts";

const SUPERVISOR_END_MS = 10_000;

/** Stops every service in reverse start order, then the supervisor, and removes what they read. True when something ran. */
export async function stopServices(foundation: Foundation, progress: Progress, signal: AbortSignal): Promise<boolean> {
  const { paths } = foundation;
  const records = openRecords(paths.run);
  const supervisor = findSupervisor(supervisorPlace(foundation));
  const reversed = [...servicesOf(foundation.config)].reverse();
  if (supervisor !== null) {
    for (const service of reversed) {
      if (records.readChild(service.id) === null) continue;
      progress(`stopping ${service.title}`);
      await supervisor.ask({ op: "stop", service: service.id });
    }
    await supervisor.ask({ op: "shutdown" });
    await supervisor.gone(SUPERVISOR_END_MS);
  }
  let stopped = supervisor !== null;
  for (const id of CHORE_IDS) {
    // What a killed supervisor was about.
    if (await endChore(paths.run, id)) stopped = true;
    records.removeChore(id);
  }
  for (const service of reversed) {
    if (await stopUnsupervised(foundation, records, service, progress, signal)) stopped = true;
  }
  removeSocket(records, paths.run);
  records.removeSupervisor();
  return stopped;
}

/** A supervisor that was killed leaves its socket, and the folder that was made for it where the path is too long. */
function removeSocket(records: Records, runDir: string): void {
  const socket = records.readSupervisor()?.socket;
  if (socket === undefined) return;
  rmSync(socket, { force: true });
  if (socket !== socketPathIn(runDir)) rmSync(dirname(socket), { recursive: true, force: true });
}

/** Without a supervisor the records still name what runs, and a service without a record proves itself. */
async function stopUnsupervised(
  foundation: Foundation,
  records: Records,
  service: ServiceDef,
  progress: Progress,
  signal: AbortSignal,
): Promise<boolean> {
  const { secrets } = foundation;
  const context = layoutOf(foundation).contextOf(service);
  const recorded = records.readChild(service.id)?.process ?? null;
  const orphan = nameOrphan(await findPortHolder({ service, context, record: null, secrets, signal }));
  let stopped = false;
  for (const process of [recorded, orphan]) {
    if (process === null || !isAlive(process)) continue;
    progress(`stopping ${service.title}, which no supervisor watched`);
    await endProcess(process, [...service.stop]);
    stopped = true;
  }
  records.removeChild(service.id);
  rmSync(context.places.files, { recursive: true, force: true });
  return stopped;
}
