/** What an engine has of one stack, whatever else runs on it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Stack } from "./stack.ts";

type Docker = (...args: readonly string[]) => string;

export interface ComposeProject {
  /** Compose's name of it. */
  readonly name: string;
  /** Ids, sorted; stopped ones too. */
  containers(): readonly string[];
  /** Id of the container of one service. @throws Error when it has none */
  container(service: string): string;
  networks(): readonly string[];
  volumes(): readonly string[];
}

/** Of a stack whose containers are there now; it can be asked when they are gone. @throws Error when there is none */
export function findComposeProject(docker: Docker, stack: Pick<Stack, "stateDir">): ComposeProject {
  const recorded: unknown = JSON.parse(readFileSync(join(stack.stateDir, "instance.json"), "utf8"));
  const { instanceId } = z.object({ instanceId: z.string() }).parse(recorded);
  const label = '{{.Label "com.docker.compose.project"}}';
  const [name] = lines(docker("ps", "--all", "--filter", `label=io.muster.instance=${instanceId}`, "--format", label));
  if (name === undefined) throw new Error(`The engine has no container of instance ${instanceId}.`);
  const ofProject = ["--filter", `label=com.docker.compose.project=${name}`] as const;
  const containers = (...more: readonly string[]) =>
    lines(docker("ps", "--all", "--quiet", "--no-trunc", ...ofProject, ...more)).sort();
  return {
    name,
    containers,
    container(service) {
      const [id] = containers("--filter", `label=com.docker.compose.service=${service}`);
      if (id === undefined) throw new Error(`${service} has no container.`);
      return id;
    },
    networks: () => lines(docker("network", "ls", "--quiet", ...ofProject)),
    volumes: () => lines(docker("volume", "ls", "--quiet", ...ofProject)),
  };
}

function lines(text: string): string[] {
  return text.split("\n").filter(Boolean);
}
