import { IDENTITY_SERVICES, type IdentityService } from "@muster/board/identity";
import { listenersOn } from "../host/sockets.ts";
import type { Stack } from "../stack/stack.ts";
import { bindToSocket } from "./bind-to-socket.ts";
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
 * Facts are asked once per look, so every check that wants an identity judges the same answer.
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
    return { service, port, recordedPid, ...bindToSocket(probe, service, listenersOn(port), recordedPid) };
  });
}

/** Asked once per look: twenty checks want it. */
export function driverStatus(stack: Stack) {
  return stack.facts.once("driver:status", () => stack.driver.status());
}
