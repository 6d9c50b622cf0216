import { join } from "node:path";
import { toPortalProfile } from "../../seed/to-portal-profile.ts";
import {
  LOOPBACK,
  type ServiceContext,
  type ServiceDef,
  type ServiceId,
  type ServiceNetwork,
  type StageId,
} from "../../services/service-def.ts";
import { chosenProfile } from "../../stack/profile.ts";
import type { InnerNetwork } from "../../state/inner-network.ts";
import { findInstance } from "../../state/instance.ts";
import { NO_INSTANCE } from "../embedded/layout.ts";
import type { DriverFoundation } from "../index.ts";

/** Where a container sees the files that elk-os lays out for it (compose.yaml mounts them there one by one). */
export const FILES = "/run/muster";

/** Where each image keeps what a service runs. */
const STAGED: Readonly<Record<StageId, string>> = {
  node: "node",
  postgres: "/usr/lib/postgresql/18",
  "directus-runtime": "/directus",
  extension: "/muster/extension",
  rag: "/app",
  portal: "/app",
};

/** Folder whose parts are the service's volumes. */
const DATA: Readonly<Record<ServiceId, string>> = {
  postgres: "/var/lib/postgresql",
  directus: "/directus/uploads",
  rag: "/muster/data",
  portal: "/muster/data",
};

/** User of the program in each image, and the group that alone may read its files. */
export const CONTAINER_USERS = {
  postgres: { uid: 999, gid: 7301 },
  directus: { uid: 1000, gid: 7302 },
  rag: { uid: 1000, gid: 7303 },
  portal: { uid: 1000, gid: 7304 },
  caddy: { uid: 7305, gid: 7305 },
  door: { uid: 7306, gid: 7306 },
} as const;

/** What a service's argv, environment and files are computed from when it runs in a container of compose.yaml. */
export function containerContext(
  foundation: DriverFoundation,
  service: ServiceDef,
  inner: InnerNetwork,
): ServiceContext {
  const network: ServiceNetwork = {
    listen: "0.0.0.0",
    // Not on the network that leads out: what is there needs no way in.
    doorHosts: [LOOPBACK, inner.addresses.postgres],
    hostOf: (id) => id,
    peers: [`${LOOPBACK}/32`, inner.subnet],
    sockets: "/var/run/postgresql",
  };
  return {
    config: foundation.config,
    driver: "compose",
    instanceId: findInstance(foundation.paths.instance)?.instanceId ?? NO_INSTANCE,
    version: foundation.version,
    build: foundation.build,
    profile: () => toPortalProfile(chosenProfile(foundation).manifest),
    places: {
      files: FILES,
      scratch: "/tmp",
      data: DATA[service.id],
      memory: "/muster/memory",
      log: "/muster/log",
      docs: "/muster/docs",
      constitution: "/muster/CLAUDE.md",
    },
    network,
    staged: (id) => STAGED[id],
  };
}

/** Folder on this machine in which the files of one container lie. */
export function filesOf(foundation: DriverFoundation, name: string): string {
  return join(foundation.paths.run, name);
}
