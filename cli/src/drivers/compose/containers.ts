import { z } from "zod";
import { processesBelow } from "../../host/process-table.ts";
import type { ContainerFacts } from "../driver.ts";
import type { DriverFoundation } from "../index.ts";
import { hasWayOut } from "./container-names.ts";
import { docker } from "./docker.ts";
import { readLock } from "./lock-file.ts";
import type { Project } from "./project.ts";

const PROJECT_LABEL = "com.docker.compose.project";
const containerSchema = z.object({
  Id: z.string(),
  Image: z.string(),
  RestartCount: z.number(),
  State: z.object({
    Status: z.string(),
    Pid: z.number(),
    OOMKilled: z.boolean(),
    ExitCode: z.number(),
    StartedAt: z.string(),
    Health: z.object({ Status: z.string() }).optional(),
  }),
  Config: z.object({ Image: z.string(), User: z.string(), Labels: z.record(z.string(), z.string()) }),
  HostConfig: z.object({
    Memory: z.number(),
    ReadonlyRootfs: z.boolean(),
    Privileged: z.boolean(),
    PidsLimit: z.number().nullable(),
    CapDrop: z.array(z.string()).nullable(),
    SecurityOpt: z.array(z.string()).nullable(),
    Binds: z.array(z.string()).nullable(),
    Mounts: z.array(z.object({ Source: z.string() })).nullish(),
  }),
  NetworkSettings: z.object({
    Networks: z.record(z.string(), z.object({ IPAddress: z.string() })),
    Ports: z.record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullable()).nullish(),
  }),
});

export type Container = z.infer<typeof containerSchema>;

/** Every container with the project's label, one-off ones too, as the engine reports it now. */
export async function inspectProject(project: Project, signal: AbortSignal): Promise<readonly Container[]> {
  const filter = `label=${PROJECT_LABEL}=${project.name}`;
  const listed = await docker(["ps", "--all", "--quiet", "--no-trunc", "--filter", filter], {
    purpose: "The engine did not list the containers",
    signal,
  });
  const ids = listed.stdout.split("\n").filter((id) => id !== "");
  if (ids.length === 0) return [];
  const { stdout } = await docker(["inspect", ...ids], { purpose: "The containers could not be read", signal });
  return z.array(containerSchema).parse(JSON.parse(stdout));
}

export function serviceOf(container: Container): string {
  return container.Config.Labels["com.docker.compose.service"] ?? "";
}

export function isOneOff(container: Container): boolean {
  return container.Config.Labels["com.docker.compose.oneoff"] === "True";
}

/**
 * Hash of each service's configuration as compose.yaml gives it now, as `up` would write it on a container. Compose 2.26 resolves an
 * env_file in `up` and not in `config --hash`, so it is given the file that it has resolved itself.
 */
export async function wantedHashes(project: Project, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const purpose = "Compose could not read compose.yaml";
  const resolved = await docker([...project.argv, "config"], { purpose, signal });
  const { stdout } = await docker([...project.resolvedArgv, "config", "--hash", "*"], {
    purpose,
    input: resolved.stdout,
    signal,
  });
  return new Map(stdout.split("\n").flatMap((line) => (line === "" ? [] : [line.split(" ") as [string, string]])));
}

export function toFacts(
  container: Container,
  known: {
    readonly project: Project;
    readonly foundation: DriverFoundation;
    readonly hashes: ReadonlyMap<string, string>;
    /** Ids of those that ran out of their memory lately. */
    readonly outOfMemory: ReadonlySet<string>;
  },
): ContainerFacts {
  const { project, foundation, hashes, outOfMemory } = known;
  const { Config, HostConfig, NetworkSettings, State } = container;
  const service = serviceOf(container);
  const pid = State.Pid === 0 ? null : State.Pid;
  const inner = Object.entries(NetworkSettings.Networks).find(([name]) => name.endsWith("_back"))?.[1].IPAddress ?? "";
  return {
    id: container.Id.slice(0, 12),
    service,
    image: Config.Image,
    imageId: container.Image,
    lockedId: readLock(foundation.paths.imageLock)[Config.Image]?.id ?? null,
    state: State.Status,
    health: State.Health?.Status ?? null,
    exitCode: State.ExitCode,
    isOutOfMemory: State.OOMKilled || outOfMemory.has(container.Id),
    restarts: container.RestartCount,
    startedAt: State.StartedAt,
    pid,
    memoryLimit: HostConfig.Memory,
    memoryBytes: pid === null ? null : processesBelow(pid).reduce((sum, { rssBytes }) => sum + rssBytes, 0),
    configHash: Config.Labels["com.docker.compose.config-hash"] ?? "",
    wantedHash: hashes.get(service) ?? null,
    address: inner,
    wantedAddress: project.addressOf(service),
    instance: Config.Labels["io.muster.instance"] ?? "",
    hasWayOut: hasWayOut(service),
    weaknesses: weaknessesOf(container),
  };
}

function weaknessesOf({ Config, HostConfig }: Container): readonly string[] {
  const found: string[] = [];
  if (/^(0|root)?(:.*)?$/.test(Config.User)) found.push("runs as root");
  if (HostConfig.Privileged) found.push("is privileged");
  if (!HostConfig.ReadonlyRootfs) found.push("has a writable root");
  if (HostConfig.CapDrop?.includes("ALL") !== true) found.push("keeps capabilities");
  if (HostConfig.SecurityOpt?.some((option) => option.startsWith("no-new-privileges")) !== true)
    found.push("may gain privileges");
  if (HostConfig.Memory === 0) found.push("has no memory limit");
  if ((HostConfig.PidsLimit ?? 0) <= 0) found.push("has no limit of processes");
  const mounted = [...(HostConfig.Binds ?? []), ...(HostConfig.Mounts ?? []).map(({ Source }) => Source)];
  if (mounted.some((source) => source.includes("docker.sock"))) found.push("holds the engine's socket");
  return found;
}
