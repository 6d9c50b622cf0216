import { IDENTITY_SERVICES, type IdentityService } from "@muster/board/identity";
import { isAlive, nameProcess } from "../host/process-table.ts";
import { listenersOn } from "../host/sockets.ts";
import type { Stack } from "../stack/stack.ts";
import { type IdentityProbe, probeIdentity } from "./probe-identity.ts";

export interface ServiceIdentity extends IdentityProbe {
  readonly service: IdentityService;
  readonly port: number;
  /** Process that the driver recorded as the holder of the port, null when it records none. */
  readonly recordedPid: number | null;
}

export { IDENTITY_SERVICES };

/**
 * Both proofs of one service: the signed nonce, and that the process the driver recorded owns the listening socket.
 * A signature from any other process is a relay (IMPOSTOR), or a process of ours that outlived its record (ZOMBIE).
 */
export function identifyService(stack: Stack, service: IdentityService, signal: AbortSignal): Promise<ServiceIdentity> {
  return stack.facts.once(`identity:${service}`, async () => {
    const port = stack.config[`${service}Port`];
    const status = (await driverStatus(stack)).find((candidate) => candidate.service === service);
    const recordedPid = status?.state === "running" || status?.state === "starting" ? status.holderPid : null;
    const probe = await probeIdentity({
      port,
      service,
      instanceKey: Buffer.from(stack.secrets.read("instance_key").reveal(), "hex"),
      instance: stack.instance().instanceId,
      version: stack.version,
      build: stack.build,
      signal,
    });
    return { service, port, recordedPid, ...bindToSocket(probe, port, recordedPid) };
  });
}

/** Asked once per look: twenty checks want it. */
export function driverStatus(stack: Stack) {
  return stack.facts.once("driver:status", () => stack.driver.status());
}

function bindToSocket(probe: IdentityProbe, port: number, recordedPid: number | null): IdentityProbe {
  if (probe.answer === null) return { ...probe, evidence: withHolder(probe.evidence, port) };
  const owners = listenersOn(port).flatMap((listener) => listener.owners);
  if (recordedPid !== null && owners.some((owner) => owner.pid === recordedPid)) {
    return { ...probe, evidence: `${probe.evidence}, pid ${recordedPid}` };
  }
  const holder = owners[0];
  if (holder === undefined)
    return {
      ...probe,
      verdict: "ZOMBIE",
      evidence: `${probe.evidence}, but nobody is seen to own the socket`,
      answer: null,
    };
  const name = nameProcess(holder.pid);
  const isZombie = recordedPid === null && name !== null && isAlive(name);
  return {
    ...probe,
    verdict: isZombie ? "ZOMBIE" : "IMPOSTOR",
    evidence: `${probe.evidence}, but pid ${holder.pid} ${holder.exe ?? ""} owns the socket, not ${recordedPid === null ? "any recorded process" : `pid ${recordedPid}`}`,
    answer: null,
  };
}

function withHolder(evidence: string, port: number): string {
  const holder = listenersOn(port).flatMap((listener) => listener.owners)[0];
  return holder === undefined
    ? evidence
    : `${evidence}; held by pid ${holder.pid} ${holder.exe ?? holder.argv[0] ?? ""}`.trimEnd();
}
