import { z } from "zod";
import { inspectProject, isOneOff, serviceOf } from "./containers.ts";
import { docker } from "./docker.ts";
import type { Project } from "./project.ts";
import { listed } from "./stop-containers.ts";

/** Names in compose.yaml. */
const NETWORKS = ["edge", "back"];
const VOLUMES = ["postgres", "uploads", "rag"];

const networkSchema = z.object({
  Name: z.string(),
  Internal: z.boolean(),
  Containers: z.record(z.string(), z.object({ Name: z.string() })).nullish(),
});

/** What bears the project's label or sits on its networks and is no part of compose.yaml. */
export async function findStrangers(project: Project, signal: AbortSignal): Promise<readonly string[]> {
  const containers = await inspectProject(project, signal);
  const found = containers
    .filter((container) => isOneOff(container) || !project.containers.some((name) => name === serviceOf(container)))
    .map(({ Id, Config }) => `container ${Id.slice(0, 12)} (${Config.Image})`);
  const own = new Set(containers.map(({ Id }) => Id));
  for (const name of await listed(project, "network", signal)) {
    if (!NETWORKS.some((wanted) => name === `${project.name}_${wanted}`)) found.push(`network ${name}`);
    const { stdout } = await docker(["network", "inspect", name], {
      purpose: `The network ${name} could not be read`,
      signal,
    });
    const [network] = z.tuple([networkSchema]).parse(JSON.parse(stdout));
    for (const [id, { Name }] of Object.entries(network.Containers ?? {}))
      if (!own.has(id)) found.push(`container ${Name} on our network ${name}`);
    if (name.endsWith("_back") && !network.Internal) found.push(`network ${name}, which has a way out`);
  }
  for (const name of await listed(project, "volume", signal))
    if (!VOLUMES.some((wanted) => name === `${project.name}_${wanted}`)) found.push(`volume ${name}`);
  return found;
}
