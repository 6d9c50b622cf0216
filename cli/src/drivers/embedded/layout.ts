import { join } from "node:path";
import { isRoot } from "../../host/users.ts";
import { toPortalProfile } from "../../seed/to-portal-profile.ts";
import {
  LOOPBACK,
  type ServiceContext,
  type ServiceDef,
  type ServiceNetwork,
  type StageId,
} from "../../services/service-def.ts";
import { chosenProfile } from "../../stack/profile.ts";
import { findInstance } from "../../state/instance.ts";
import type { Copy } from "./copies.ts";
import type { Foundation } from "./foundation.ts";
import { entryPath } from "./staging/cache-entry.ts";
import { getRecipe } from "./staging/index.ts";
import { isOpenToServices, NODE_BINARY, needsOwnNode } from "./staging/node-binary.ts";
import type { StageContext } from "./staging/stage-recipe.ts";

/** Where this instance keeps what a service reads and writes. Computes paths only; writes nothing. */
export interface Layout {
  readonly stage: StageContext;
  /** Folder of the files that one service reads. */
  filesOf(service: ServiceDef): string;
  contextOf(service: ServiceDef): ServiceContext;
  readonly copies: readonly Copy[];
  /** Stages of a service that are really needed here. */
  stagesOf(service: ServiceDef): readonly StageId[];
}

/** Every service is on loopback, for clients and for each other. */
const NETWORK: ServiceNetwork = {
  listen: LOOPBACK,
  doorHosts: [LOOPBACK],
  hostOf: () => LOOPBACK,
  peers: [`${LOOPBACK}/32`],
  sockets: null,
};

/** Stands for the instance before `init` made one, so that a plan can be computed. */
export const NO_INSTANCE = "00000000-0000-0000-0000-000000000000";

export function layoutOf(foundation: Foundation): Layout {
  const { checkout, config, paths } = foundation;
  const stage = { checkout, hasServiceUser: isRoot() };
  const filesOf = (service: ServiceDef) => join(paths.run, service.id);
  const readable = (name: string, folder = "") => {
    const from = join(checkout, name);
    return isOpenToServices(from, stage.hasServiceUser) ? from : join(paths.data, folder, name);
  };
  const memory = readable("memory");
  const log = readable("log");
  const docs = readable("docs");
  // In a folder of its own: a file is watched by its folder, and the services may not list the one of all data.
  const constitution = readable("CLAUDE.md", "constitution");
  const copies = [
    { from: join(checkout, "memory"), to: memory },
    { from: join(checkout, "log"), to: log },
    { from: join(checkout, "docs"), to: docs },
    { from: join(checkout, "CLAUDE.md"), to: constitution },
  ].filter(({ from, to }) => from !== to);

  const stagesOf = (service: ServiceDef) =>
    service.stages.filter((id) => id !== "node" || needsOwnNode(stage.hasServiceUser));

  const find = (id: StageId): string => {
    if (id === "node" && !needsOwnNode(stage.hasServiceUser)) return process.execPath;
    const path = entryPath(config.cacheDir, getRecipe(id).entry(stage));
    return id === "node" ? join(path, NODE_BINARY) : path;
  };
  // The inputs are hashed once per layout; a command makes a new layout for each service it starts.
  const found = new Map<StageId, string>();
  const staged = (id: StageId): string => {
    const path = found.get(id) ?? find(id);
    found.set(id, path);
    return path;
  };

  return {
    stage,
    filesOf,
    copies,
    stagesOf,
    contextOf: (service) => ({
      config,
      driver: "embedded",
      instanceId: findInstance(paths.instance)?.instanceId ?? NO_INSTANCE,
      version: foundation.version,
      build: foundation.build,
      profile: () => toPortalProfile(chosenProfile(foundation).manifest),
      places: {
        files: filesOf(service),
        scratch: join(filesOf(service), "tmp"),
        data: paths.data,
        memory,
        log,
        docs,
        constitution,
      },
      network: NETWORK,
      staged,
    }),
  };
}
