import { timeOf } from "../../support/log-tail.ts";
import { containerOf } from "./container-status.ts";
import { inspectProject } from "./containers.ts";
import { docker } from "./docker.ts";
import type { Project } from "./project.ts";

/** What the engine kept of a container's output; nothing of one that was removed. @throws CliError INSTALL_FAILED when no engine answers */
export async function readContainerLog(
  project: Project,
  name: string,
  count: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const container = containerOf(await inspectProject(project, signal), name);
  if (container === null) return [];
  const { stdout, stderr } = await docker(["logs", "--timestamps", "--tail", String(count), container.Id], {
    purpose: `The engine did not give the log of ${name}`,
    signal,
  });
  return logLines(stdout, stderr).slice(-count);
}

/** RFC 3339 in nanoseconds, with which the engine begins each line. */
const STAMPED = /^(\S+Z) ?(.*)$/;

/**
 * Both streams as one list in order of time. The engine's time stays before a line that says none itself, so that several logs can be merged; before
 * others it would only repeat what they say. Pure.
 */
export function logLines(stdout: string, stderr: string): readonly string[] {
  return [stdout, stderr]
    .flatMap((stream) => stream.split("\n"))
    .map((line) => STAMPED.exec(line))
    .filter((found) => found !== null)
    .map(([, at = "", text = ""]) => ({ at, text }))
    .filter(({ text }) => text !== "")
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
    .map(({ at, text }) => (timeOf(text) === null ? `${at} ${text}` : text));
}
