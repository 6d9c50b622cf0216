import { findProcess, processesBelow } from "../../host/process-table.ts";
import { LOOPBACK, type ServiceDef } from "../../services/service-def.ts";
import type { ServiceStatus } from "../driver.ts";
import type { ContainerName } from "./container-names.ts";
import { type Container, isOneOff, serviceOf } from "./containers.ts";
import { holderOf } from "./port-door.ts";
import type { Project } from "./project.ts";

export function containerOf(containers: readonly Container[], name: string): Container | null {
  return containers.find((container) => serviceOf(container) === name && !isOneOff(container)) ?? null;
}

/** What the engine reports of one service. Postgres, or the door in its place, is not published: clients on this machine reach it on the inner network. */
export function toServiceStatus(
  service: ServiceDef,
  name: ContainerName,
  port: number,
  containers: readonly Container[],
  project: Project,
): ServiceStatus {
  const container = containerOf(containers, name);
  const isInner = service.id === "postgres";
  const status = {
    service: service.id,
    host: isInner ? project.inner.addresses.postgres : LOOPBACK,
    port,
    restarts: container?.RestartCount ?? 0,
    pid: null,
    startTicks: null,
    startedAt: null,
    holderPid: null,
    networkPid: null,
    rssBytes: null,
  };
  if (container === null) return { ...status, state: "stopped", reason: "it has no container" };
  const { Status, Pid, ExitCode, Health, OOMKilled, StartedAt } = container.State;
  if (Pid === 0) {
    const why = OOMKilled ? "it ran out of its memory limit" : `its container is ${Status}, last exit code ${ExitCode}`;
    return {
      ...status,
      state: Status === "restarting" ? "starting" : ExitCode === 0 ? "stopped" : "failed",
      reason: why,
    };
  }
  return {
    ...status,
    state: Health?.Status === "healthy" ? "running" : Health?.Status === "unhealthy" ? "failed" : "starting",
    reason: Health?.Status === "healthy" ? null : `its health check says ${Health?.Status ?? "nothing"}`,
    pid: Pid,
    startTicks: findProcess(Pid)?.startTicks ?? null,
    startedAt: StartedAt,
    holderPid: isInner ? Pid : holderOf(port, containers),
    networkPid: isInner ? Pid : null,
    rssBytes: processesBelow(Pid).reduce((sum, { rssBytes }) => sum + rssBytes, 0),
  };
}
