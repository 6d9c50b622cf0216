import { rmSync } from "node:fs";
import { join } from "node:path";
import { directus, directusArgv, directusBootstrapEnvironment } from "../../services/directus.ts";
import type { Progress } from "../driver.ts";
import type { DatabaseAccess } from "../embedded/database-roles.ts";
import { BOOTSTRAP_TIMEOUT_MS, ensureDirectusInstalled } from "../embedded/directus-install.ts";
import type { DriverFoundation } from "../index.ts";
import { containerContext, filesOf } from "./container-layout.ts";
import { inspectProject, isOneOff } from "./containers.ts";
import { docker } from "./docker.ts";
import { layOutContainerFiles } from "./lay-out.ts";
import type { Project } from "./project.ts";

/** Directus's own tables, made in a container of its own that ends with it. The service is stopped meanwhile: both have its address. */
export function bootstrapDirectus(
  foundation: DriverFoundation,
  project: Project,
  access: DatabaseAccess,
  progress: Progress,
  signal: AbortSignal,
): Promise<boolean> {
  const { config, paths } = foundation;
  const input = {
    access,
    adminEmail: config.adminEmail,
    runtime: config.imageDirectus,
    data: paths.data,
    bootstrap: (aborted: AbortSignal) => runBootstrap(foundation, project, aborted),
  };
  return ensureDirectusInstalled(input, progress, signal);
}

async function runBootstrap(foundation: DriverFoundation, project: Project, signal: AbortSignal): Promise<void> {
  const context = containerContext(foundation, directus, project.inner);
  const folder = filesOf(foundation, directus.id);
  const started = directus.environment(context);
  const added = Object.entries(directusBootstrapEnvironment(context)).filter(([name]) => !(name in started));
  const names = Object.keys(directus.installFiles);
  await removeLeftOvers(project, signal);
  await docker([...project.argv, "rm", "--stop", "--force", directus.id], {
    purpose: "The old Directus could not be stopped",
    timeoutMs: 60_000,
    signal,
  });
  layOutContainerFiles(foundation, project, directus, { ...directus.files, ...directus.installFiles });
  try {
    const options = [
      ...added.flatMap(([name, value]) => ["--env", `${name}=${value}`]),
      ...names.flatMap((name) => ["--volume", `${join(folder, name)}:${join(context.places.files, name)}:ro`]),
    ];
    await docker(
      [
        ...project.argv,
        "run",
        "--rm",
        "--no-deps",
        "--no-TTY",
        "--quiet-pull",
        ...options,
        directus.id,
        ...directusArgv(context, "bootstrap"),
      ],
      { purpose: "Directus could not make its tables", timeoutMs: BOOTSTRAP_TIMEOUT_MS, signal },
    );
  } finally {
    for (const name of names) rmSync(join(folder, name), { force: true });
  }
}

/** A bootstrap that was killed leaves its container, which holds the address. */
async function removeLeftOvers(project: Project, signal: AbortSignal): Promise<void> {
  const left = (await inspectProject(project, signal)).filter(isOneOff);
  if (left.length === 0) return;
  await docker(["rm", "--force", "--volumes", ...left.map(({ Id }) => Id)], {
    purpose: "What an interrupted bootstrap left could not be removed",
    signal,
  });
}
