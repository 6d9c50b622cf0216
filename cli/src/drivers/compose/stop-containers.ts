import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CliError } from "../../errors/cli-error.ts";
import { counted } from "../../output/counted.ts";
import type { Progress } from "../driver.ts";
import type { DriverFoundation } from "../index.ts";
import { inspectProject } from "./containers.ts";
import { docker } from "./docker.ts";
import type { Project } from "./project.ts";
import { removeScratch, scratchContainers } from "./scratch-container.ts";

const PROJECT_LABEL = "com.docker.compose.project";
/** Postgres alone may take a minute for its checkpoint. */
const DOWN_MS = 3 * 60_000;

/** Stops and removes containers and networks, by label, so that no file is needed. True when there were some. */
export async function stopContainers(
  { paths }: DriverFoundation,
  project: Project,
  progress: Progress,
  signal: AbortSignal,
): Promise<boolean> {
  await removeScratch(project, signal);
  const containers = await inspectProject(project, signal);
  const networks = await listed(project, "network", signal);
  const isThere = containers.length + networks.length > 0;
  if (isThere) {
    progress(`stopping ${counted(containers.length, "container")}`);
    await docker(["compose", "--project-name", project.name, "down", "--remove-orphans"], {
      purpose: "Compose could not take the stack down",
      timeoutMs: DOWN_MS,
      signal,
    });
  }
  const left = await stillUp(project, signal);
  if (left.length > 0) {
    throw new CliError("SERVICE_FAILED", {
      message: `The engine still has ${left.join(", ")} of ${project.name} after down.`,
      hint: "Run `elk-os down` again; `docker ps -a` shows what holds on to it.",
    });
  }
  // What the services read is secret, and is laid out anew at the next start.
  if (existsSync(paths.run))
    for (const name of readdirSync(paths.run)) rmSync(join(paths.run, name), { recursive: true, force: true });
  return isThere;
}

async function stillUp(project: Project, signal: AbortSignal): Promise<readonly string[]> {
  const containers = await inspectProject(project, signal);
  const scratch = await scratchContainers(project, signal);
  const networks = await listed(project, "network", signal);
  return [
    ...[...containers.map(({ Id }) => Id), ...scratch].map((id) => `container ${id.slice(0, 12)}`),
    ...networks.map((name) => `network ${name}`),
  ];
}

/** What the engine still has of the project. It is known by the instance's id: without that this asks for a project that never was. */
export async function findResidue(project: Project, signal: AbortSignal): Promise<readonly string[]> {
  const volumes = await listed(project, "volume", signal);
  return [...(await stillUp(project, signal)), ...volumes.map((name) => `volume ${name}`)];
}

/** Deletes the volumes, with every row of the board. */
export async function eraseVolumes(project: Project, progress: Progress, signal: AbortSignal): Promise<boolean> {
  const volumes = await listed(project, "volume", signal);
  if (volumes.length === 0) return false;
  progress(`deleting ${counted(volumes.length, "volume")}`);
  await docker(["volume", "rm", ...volumes], {
    purpose: "The volumes could not be deleted",
    timeoutMs: DOWN_MS,
    signal,
  });
  return true;
}

/** Names of what bears the project's label. */
export async function listed(
  project: Project,
  kind: "network" | "volume",
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { stdout } = await docker(
    [kind, "ls", "--filter", `label=${PROJECT_LABEL}=${project.name}`, "--format", "{{.Name}}"],
    { purpose: `The engine did not list its ${kind}s`, signal },
  );
  return stdout.split("\n").filter((name) => name !== "");
}
