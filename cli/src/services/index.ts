import type { Config } from "../config/schema.ts";
import { directus } from "./directus.ts";
import { portal } from "./portal.ts";
import { postgres } from "./postgres.ts";
import { postgresDoor } from "./postgres-door.ts";
import { rag } from "./rag.ts";
import type { ServiceDef, ServiceId } from "./service-def.ts";

/** Every service of an instance with a Postgres of its own, in start order; stopped in the reverse of it. */
export const SERVICES: readonly ServiceDef[] = [postgres, directus, rag, portal];

/** The services that the settings want: where Postgres runs elsewhere, the door to it is in its place. */
export function servicesOf({ databaseUrl }: Pick<Config, "databaseUrl">): readonly ServiceDef[] {
  return databaseUrl === undefined
    ? SERVICES
    : SERVICES.map((service) => (service === postgres ? postgresDoor : service));
}

export function getService(id: ServiceId, services: readonly ServiceDef[] = SERVICES): ServiceDef {
  const found = services.find((service) => service.id === id);
  if (found === undefined) throw new Error(`There is no service "${id}".`);
  return found;
}
