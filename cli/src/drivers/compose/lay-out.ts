import { chmodSync, chownSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ensureDir, writeOwnedFile } from "../../host/files.ts";
import type { ServiceDef } from "../../services/service-def.ts";
import { contentOf } from "../embedded/service-files.ts";
import type { DriverFoundation } from "../index.ts";
import { CONTAINER_USERS, containerContext, filesOf } from "./container-layout.ts";
import { containerFor } from "./container-names.ts";
import { mountedFiles, type Project } from "./project.ts";

/**
 * Lays out the files of one container: 0640, root's, readable for a group that only its user is in. The folder is closed, so that on this
 * machine nobody reaches them; the engine mounts each one into its container.
 */
export function layOutContainerFiles(
  foundation: DriverFoundation,
  project: Project,
  service: ServiceDef,
  files: ServiceDef["files"] = mountedFiles(service),
): void {
  const container = containerFor(service.id, foundation.config);
  const folder = filesOf(foundation, container);
  const context = containerContext(foundation, service, project.inner);
  const { gid } = CONTAINER_USERS[container];
  ensureDir(folder, { mode: 0o700, owner: null });
  for (const [name, file] of Object.entries(files)) {
    const path = join(folder, name);
    const content = contentOf(file, context, foundation.secrets);
    // A mounted file that is replaced is gone for the container that has it; an equal one stays the same file.
    if (!existsSync(path) || readFileSync(path, "utf8") !== content)
      writeOwnedFile(path, content, { mode: 0o640, owner: { uid: 0, gid } });
    chmodSync(path, 0o640);
    chownSync(path, 0, gid);
  }
}

/** Caddy keeps certificates and its account in the state folder: a lost one costs a place in the authority's rate limit. */
export function layOutCaddyFolder(foundation: DriverFoundation): void {
  ensureDir(join(foundation.paths.root, "caddy"), { mode: 0o700, owner: CONTAINER_USERS.caddy });
}
