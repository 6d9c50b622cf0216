import { existsSync } from "node:fs";
import { join } from "node:path";
import { CHORE_IDS } from "../../services/chores.ts";
import { getService, servicesOf } from "../../services/index.ts";
import { SERVICE_IDS } from "../../services/service-def.ts";
import { readTail } from "../../support/log-tail.ts";
import type { Driver } from "../driver.ts";
import { inputHashOf } from "./build-launch.ts";
import { findStale, refreshCopies } from "./copies.ts";
import { type Foundation, supervisorPlace } from "./foundation.ts";
import { layoutOf } from "./layout.ts";
import { assertMachineReady } from "./preflight.ts";
import { resetSuperuser } from "./reset-superuser.ts";
import { findResidue } from "./residue.ts";
import { withScratchServer } from "./scratch-server.ts";
import { toStatus } from "./service-status.ts";
import { ensureEntry } from "./staging/cache-entry.ts";
import { recordEntries } from "./staging/cache-users.ts";
import { getRecipe } from "./staging/index.ts";
import { startService } from "./start-service.ts";
import { stopServices } from "./stop-services.ts";
import { openRecords } from "./supervisor/records.ts";
import { findSupervisor } from "./supervisor/supervisor-client.ts";

/** Runs the services as processes of this machine, under a resident supervisor. */
export function embeddedDriver(foundation: Foundation): Driver {
  const { config, paths, secrets } = foundation;
  const services = servicesOf(config);
  return {
    id: "embedded",
    preflight: (signal) => assertMachineReady(foundation, layoutOf(foundation), signal),
    async stage(id, progress, signal) {
      const layout = layoutOf(foundation);
      const entries = layout.stagesOf(getService(id, services)).map((stage) => getRecipe(stage).entry(layout.stage));
      recordEntries(foundation, entries);
      let isMade = false;
      for (const entry of entries) if (await ensureEntry(config.cacheDir, entry, progress, signal)) isMade = true;
      return isMade;
    },
    entries(target) {
      const context = { ...layoutOf(foundation).stage, ...(target === undefined ? {} : { target }) };
      const stages = new Set(services.flatMap((service) => service.stages));
      // Node is the running one's copy: each machine makes its own.
      stages.delete("node");
      return [...stages].map((stage) => getRecipe(stage).entry(context));
    },
    saveImages: async () => [],
    copyFromImage: async () => false,
    loadImages: async () => false,
    async inputHash(id) {
      const service = getService(id, services);
      return inputHashOf(service, layoutOf(foundation).contextOf(service), secrets);
    },
    start: (id, progress, signal) => startService(foundation, id, progress, signal),
    down: (progress, signal) => stopServices(foundation, progress, signal),
    async status() {
      const records = openRecords(paths.run);
      return services.map(({ id, portKey }) => toStatus(id, records.readChild(id), config[portKey]));
    },
    // The supervisor writes a log of its own beside those of the services, and each of its chores does.
    logs: [...SERVICE_IDS, "supervisor", ...CHORE_IDS],
    readLog: async (name, count) => readTail(join(paths.logs, `${name}.log`), count),
    wantedContainers: [],
    containers: async () => [],
    strangers: async () => [],
    withScratchServer: (signal, work) => withScratchServer(foundation, signal, work),
    resetSuperuser: (progress, signal) => resetSuperuser(foundation, progress, signal),
    erase: async () => false,
    residue: (signal) => findResidue(foundation, signal),
    staleCopies: async () => (existsSync(paths.data) ? findStale(layoutOf(foundation).copies) : []),
    async refreshCopies() {
      const { copies } = layoutOf(foundation);
      // Before the first start there is nobody to read them.
      if (copies.length === 0 || !existsSync(paths.data)) return false;
      await refreshCopies(paths.data, copies);
      return true;
    },
    watcher: async () => findSupervisor(supervisorPlace(foundation))?.record.pid ?? null,
    async chores() {
      if (findSupervisor(supervisorPlace(foundation)) === null) return [];
      const records = openRecords(paths.run).readChores();
      return records.map(({ id, since, nextAt, last, spec }) => ({
        id,
        intervalMs: spec.intervalMs,
        since,
        nextAt,
        last,
      }));
    },
  };
}
