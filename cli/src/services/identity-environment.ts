import { join } from "node:path";
import type { IdentityService } from "@muster/board/identity";
import type { ServiceContext, ServiceFile } from "./service-def.ts";

const KEY_FILE = "identity.key";

/** The file that holds a service's own identity key. */
export function identityFile(service: IdentityService): Readonly<Record<string, ServiceFile>> {
  return { [KEY_FILE]: { kind: "identity-key", service } };
}

/** What every signing service is told of itself. */
export function identityEnvironment(
  service: IdentityService,
  { instanceId, version, build, places }: ServiceContext,
): Readonly<Record<string, string>> {
  return {
    ELK_OS_SERVICE: service,
    ELK_OS_INSTANCE_ID: instanceId,
    ELK_OS_IDENTITY_KEY_FILE: join(places.files, KEY_FILE),
    ELK_OS_VERSION: version,
    ELK_OS_BUILD: build,
  };
}
