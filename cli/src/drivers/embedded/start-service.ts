import { join } from "node:path";
import { CliError } from "../../errors/cli-error.ts";
import { ensureDir } from "../../host/files.ts";
import { ensureSystemUser, isRoot } from "../../host/users.ts";
import { waitFor } from "../../host/wait.ts";
import { getService, servicesOf } from "../../services/index.ts";
import type { ServiceContext, ServiceDef, ServiceId } from "../../services/service-def.ts";
import type { Progress } from "../driver.ts";
import { buildLaunch } from "./build-launch.ts";
import { choreSpecs } from "./chore-specs.ts";
import { refreshCopies } from "./copies.ts";
import { type Foundation, supervisorPlace } from "./foundation.ts";
import { layoutOf } from "./layout.ts";
import { findPortHolder, nameOrphan } from "./port-holder.ts";
import { probeReadiness } from "./readiness.ts";
import { layOutFiles } from "./service-files.ts";
import { SERVICE_STEPS } from "./service-steps.ts";
import { endProcess } from "./supervisor/child.ts";
import { openRecords } from "./supervisor/records.ts";
import { ensureSupervisor, findSupervisor } from "./supervisor/supervisor-client.ts";

const READY_POLL_MS = 150;

/**
 * Makes one service run as its inputs want it now and waits until it proves itself. True when anything changed.
 * @throws CliError SERVICE_FAILED with the reason, also when a stranger answers on its port
 */
export async function startService(
  foundation: Foundation,
  id: ServiceId,
  progress: Progress,
  signal: AbortSignal,
): Promise<boolean> {
  const { config, paths, secrets } = foundation;
  const service = getService(id, servicesOf(config));
  const layout = layoutOf(foundation);
  const context = layout.contextOf(service);
  const owner = isRoot() ? await ensureSystemUser(config.serviceUser, signal) : null;
  const input = { context, secrets, owner };
  const steps = SERVICE_STEPS.get(service);
  const launch = buildLaunch({ service, context, secrets, owner, logFile: join(paths.logs, `${id}.log`) });

  await refreshCopies(paths.data, layout.copies);
  const place = supervisorPlace(foundation);
  const watcher = findSupervisor(place)?.record.pid;
  const supervisor = await ensureSupervisor(place, signal);
  const { changed: isScheduled } = await supervisor.ask({ op: "schedule", chores: [...choreSpecs(foundation)] });
  const known = openRecords(paths.run).readChild(id);
  const isCurrent = known?.state === "running" && known.inputHash === launch.inputHash;
  if (!isCurrent) {
    await supervisor.ask({ op: "stop", service: id });
    await endOrphan(foundation, service, context, progress, signal);
    ensureDir(paths.data, { mode: 0o711, owner: null });
    layOutFiles({ service, files: service.files, context, secrets, owner });
    await steps?.install?.(input, progress, signal);
    progress(`starting ${service.title}`);
    await supervisor.ask({ op: "start", spec: launch });
  }
  await waitUntilReady(foundation, service, context, progress, signal);
  const isCompleted = (await steps?.complete?.(input)) ?? false;
  return watcher !== supervisor.record.pid || isScheduled || !isCurrent || isCompleted;
}

async function endOrphan(
  { secrets }: Foundation,
  service: ServiceDef,
  context: ServiceContext,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const orphan = nameOrphan(await findPortHolder({ service, context, record: null, secrets, signal }));
  if (orphan === null) return;
  progress(`replacing pid ${orphan.pid}: this instance's ${service.title}, which no supervisor knew`);
  await endProcess(orphan, [...service.stop]);
}

async function waitUntilReady(
  { paths, secrets }: Foundation,
  service: ServiceDef,
  context: ServiceContext,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const records = openRecords(paths.run);
  const hint = `Run \`elk-os logs ${service.id}\`, then \`elk-os up\` again.`;
  let last = "it was not asked yet";
  const wait = (why: string): null => {
    if (why !== last) progress(`waiting for ${service.title}: ${why}`);
    last = why;
    return null;
  };
  const look = async (): Promise<true | null> => {
    const record = records.readChild(service.id);
    if (record === null || record.state === "failed") {
      const why = record?.reason ?? "it was stopped while it started";
      throw new CliError("SERVICE_FAILED", { message: `${service.title} did not start: ${why}`, hint });
    }
    if (record.process === null) {
      return wait(`it is being restarted: ${record.reason ?? "it ended"}`);
    }
    const answer = await probeReadiness({ service, context, secrets, pid: record.process.pid, signal });
    if (answer.kind === "yes") return true;
    if (answer.kind === "never") {
      throw new CliError("SERVICE_FAILED", {
        message: `Another program answers for ${service.title}: ${answer.why}.`,
        hint,
      });
    }
    return wait(answer.why);
  };
  const options = { timeoutMs: service.readyWithinMs, intervalMs: READY_POLL_MS, signal };
  if ((await waitFor(look, options)) !== null) return;
  throw new CliError("SERVICE_FAILED", {
    message: `${service.title} did not prove itself within ${service.readyWithinMs / 1000} s: ${last}.`,
    hint,
  });
}
