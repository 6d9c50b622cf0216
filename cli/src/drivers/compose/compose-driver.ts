import { servicesOf } from "../../services/index.ts";
import { SERVICE_IDS } from "../../services/service-def.ts";
import type { Driver } from "../driver.ts";
import { digestOf } from "../embedded/staging/tree-hash.ts";
import type { DriverFoundation } from "../index.ts";
import { loadImages, saveImages } from "./carried-images.ts";
import { readContainerLog } from "./container-log.ts";
import { containerFor, containersOf } from "./container-names.ts";
import { toServiceStatus } from "./container-status.ts";
import { inspectProject, toFacts, wantedHashes } from "./containers.ts";
import { copyFromImage } from "./copy-from-image.ts";
import { findOutOfMemory } from "./memory-events.ts";
import { assertEngineReady } from "./preflight.ts";
import { projectOf } from "./project.ts";
import { resetSuperuser } from "./reset-superuser.ts";
import { withScratchContainer } from "./scratch-container.ts";
import { stageAll, stagedEntries } from "./stage-all.ts";
import { startContainer } from "./start-container.ts";
import { eraseVolumes, findResidue, stopContainers } from "./stop-containers.ts";
import { findStrangers } from "./strangers.ts";

/** Looking at containers has no signal of its own; each question to the engine has its own limit. */
const ALWAYS = new AbortController().signal;

/** Runs the services as containers of compose.yaml, with a proxy before them. */
export function composeDriver(foundation: DriverFoundation): Driver {
  const { config } = foundation;
  return {
    id: "compose",
    preflight: (signal) => assertEngineReady(foundation, signal),
    stage: (_id, progress, signal) => stageAll(foundation, progress, signal),
    entries: () => stagedEntries(foundation),
    saveImages: (file, progress, signal) => saveImages(foundation, file, progress, signal),
    loadImages: (source, images, progress, signal) => loadImages(source, images, progress, signal),
    copyFromImage,
    async inputHash(id) {
      const project = projectOf(foundation);
      return digestOf([
        project.inputHash(containerFor(id, config)),
        id === "postgres" ? "" : project.inputHash("caddy"),
      ]);
    },
    start: (id, progress, signal) => startContainer(foundation, id, progress, signal),
    down: (progress, signal) => stopContainers(foundation, projectOf(foundation), progress, signal),
    resetSuperuser: (progress, signal) => resetSuperuser(foundation, progress, signal),
    erase: (progress, signal) => eraseVolumes(projectOf(foundation), progress, signal),
    async status() {
      const project = projectOf(foundation);
      const containers = await inspectProject(project, ALWAYS);
      return servicesOf(config).map((service) =>
        toServiceStatus(service, containerFor(service.id, config), config[service.portKey], containers, project),
      );
    },
    logs: [...SERVICE_IDS, "caddy"],
    readLog(name, count, signal) {
      const service = SERVICE_IDS.find((id) => id === name);
      const container = service === undefined ? name : containerFor(service, config);
      return readContainerLog(projectOf(foundation), container, count, signal);
    },
    wantedContainers: containersOf(config),
    async containers() {
      const project = projectOf(foundation);
      const containers = await inspectProject(project, ALWAYS);
      if (containers.length === 0) return [];
      const known = {
        ...{ project, foundation },
        hashes: await wantedHashes(project, ALWAYS),
        outOfMemory: await findOutOfMemory(project, ALWAYS),
      };
      return containers.map((container) => toFacts(container, known));
    },
    strangers: () => findStrangers(projectOf(foundation), ALWAYS),
    withScratchServer: (signal, work) => withScratchContainer(foundation, signal, work),
    residue: (signal) => findResidue(projectOf(foundation), signal),
    staleCopies: async () => [],
    refreshCopies: async () => false,
    watcher: async () => null,
    chores: async () => [],
  };
}
