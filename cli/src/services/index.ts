import { directus } from "./directus.ts";
import { portal } from "./portal.ts";
import { postgres } from "./postgres.ts";
import { rag } from "./rag.ts";
import type { ServiceDef, ServiceId } from "./service-def.ts";

/** Every service, in start order; stopped in the reverse of it. */
export const SERVICES: readonly ServiceDef[] = [postgres, directus, rag, portal];

export function getService(id: ServiceId): ServiceDef {
  const found = SERVICES.find((service) => service.id === id);
  if (found === undefined) throw new Error(`There is no service "${id}".`);
  return found;
}
