import { findProcess, isAlive } from "../../host/process-table.ts";
import { listenersOn } from "../../host/sockets.ts";
import { LOOPBACK, type ServiceId } from "../../services/service-def.ts";
import type { ServiceStatus } from "../driver.ts";
import type { ChildRecord } from "./supervisor/launch-spec.ts";

/** What a record and the process table say together. */
export function toStatus(service: ServiceId, record: ChildRecord | null, configuredPort: number): ServiceStatus {
  const idle = {
    service,
    pid: null,
    startTicks: null,
    startedAt: null,
    restarts: record?.restarts ?? 0,
    host: LOOPBACK,
    port: record?.port ?? configuredPort,
    holderPid: null,
    networkPid: null,
    rssBytes: null,
  };
  if (record === null) return { ...idle, state: "stopped", reason: null };
  if (record.state === "failed") return { ...idle, state: "failed", reason: record.reason };
  const { process } = record;
  if (process === null) return { ...idle, state: "starting", reason: record.reason };
  if (!isAlive(process)) return { ...idle, state: "stopped", reason: "its process is gone" };
  const listens = listenersOn(record.port).some(({ owners }) => owners.some(({ pid }) => pid === process.pid));
  return {
    ...idle,
    state: listens ? "running" : "starting",
    pid: process.pid,
    holderPid: process.pid,
    startTicks: process.startTicks,
    startedAt: record.startedAt,
    rssBytes: findProcess(process.pid)?.rssBytes ?? null,
    reason: null,
  };
}
