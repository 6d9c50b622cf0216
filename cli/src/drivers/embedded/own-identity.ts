import { randomBytes } from "node:crypto";
import { type IdentityProbe, probeIdentity } from "../../identity/probe-identity.ts";
import type { ServiceContext, ServiceDef } from "../../services/service-def.ts";
import type { SecretStore } from "../../state/secrets.ts";

export type SigningService = ServiceDef & { readonly readiness: { readonly kind: "identity" } };

export function isSigning(service: ServiceDef): service is SigningService {
  return service.readiness.kind === "identity";
}

/** Asks the service's port for this instance's identity, whatever release it runs. */
export function probeOwnIdentity(
  service: SigningService,
  context: ServiceContext,
  secrets: SecretStore,
  signal: AbortSignal,
): Promise<IdentityProbe> {
  return probeIdentity({
    port: context.config[service.portKey],
    service: service.readiness.service,
    // Before `init` there is no key, and a random one takes no stranger for ours.
    instanceKey: secrets.has("instance_key")
      ? Buffer.from(secrets.read("instance_key").reveal(), "hex")
      : randomBytes(32),
    instance: context.instanceId,
    signal,
  });
}
