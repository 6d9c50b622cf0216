import { z } from "zod";
import { docker } from "./docker.ts";
import type { Project } from "./project.ts";

/** As long as a restart is told of (DOCK-05). An engine keeps its last 256 events in memory, health checks among them: of longer ago it may know nothing. */
const LOOK_BACK_MS = 10 * 60_000;

const eventSchema = z.object({ Actor: z.object({ ID: z.string() }) });

/**
 * Ids of containers in which the kernel ended a process for the memory limit lately. A container's own mark of it is gone as soon as the engine has started
 * it again, which is at once.
 */
export async function findOutOfMemory(
  { name }: Pick<Project, "name">,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const now = Date.now();
  const seconds = (ms: number) => (ms / 1000).toFixed(3);
  const span = ["--since", seconds(now - LOOK_BACK_MS), "--until", seconds(now)];
  const filters = ["--filter", "event=oom", "--filter", `label=com.docker.compose.project=${name}`];
  const { stdout } = await docker(["events", ...span, ...filters, "--format", "{{json .}}"], {
    purpose: "The engine did not tell its events",
    signal,
  });
  const events = stdout.split("\n").filter((line) => line !== "");
  return new Set(events.map((line) => eventSchema.parse(JSON.parse(line)).Actor.ID));
}
