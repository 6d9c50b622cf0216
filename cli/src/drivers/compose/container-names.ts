import type { Config } from "../../config/schema.ts";
import type { ServiceId } from "../../services/service-def.ts";

interface ContainerPlan {
  /** Service that runs in it; null: the proxy, which is no service. */
  readonly service: ServiceId | null;
  /** Profile of compose.yaml that it belongs to; null: it runs with every profile. */
  readonly profile: "postgres" | "door" | null;
  /** It is on a network that leads out, too. */
  readonly hasWayOut: boolean;
}

const PLANS = {
  postgres: { service: "postgres", profile: "postgres", hasWayOut: false },
  door: { service: "postgres", profile: "door", hasWayOut: true },
  directus: { service: "directus", profile: null, hasWayOut: false },
  rag: { service: "rag", profile: null, hasWayOut: false },
  portal: { service: "portal", profile: null, hasWayOut: false },
  caddy: { service: null, profile: null, hasWayOut: true },
} as const satisfies Readonly<Record<string, ContainerPlan>>;

export type ContainerName = keyof typeof PLANS;

/** Names in compose.yaml, in start order. An instance runs those of its profile. */
export const CONTAINER_NAMES = Object.keys(PLANS) as readonly ContainerName[];

export function planOf(name: ContainerName): ContainerPlan {
  return PLANS[name];
}

/** False for a name that compose.yaml does not have. */
export function hasWayOut(name: string): boolean {
  return CONTAINER_NAMES.some((known) => known === name && PLANS[known].hasWayOut);
}

/** Who stands at Postgres's address: the instance's own server, or the door to one that runs elsewhere. */
export function profileOf({ databaseUrl }: Pick<Config, "databaseUrl">): "postgres" | "door" {
  return databaseUrl === undefined ? "postgres" : "door";
}

/** The containers that the settings want, in start order. */
export function containersOf(config: Pick<Config, "databaseUrl">): readonly ContainerName[] {
  const chosen = profileOf(config);
  return CONTAINER_NAMES.filter((name) => PLANS[name].profile === null || PLANS[name].profile === chosen);
}

/** The container in which a service runs. */
export function containerFor(service: ServiceId, config: Pick<Config, "databaseUrl">): ContainerName {
  const found = containersOf(config).find((name) => PLANS[name].service === service);
  if (found === undefined) throw new Error(`No container runs ${service}.`);
  return found;
}
