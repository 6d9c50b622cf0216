import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type RenderedConstitution, renderConstitution } from "../constitution/render.ts";
import { CliError } from "../errors/cli-error.ts";
import { directusUrl } from "../stack/directus-admin.ts";
import { chosenProfile } from "../stack/profile.ts";
import type { Stack } from "../stack/stack.ts";
import { writeFileAtomic } from "../state/write-file-atomic.ts";
import { clientFiles } from "./client-files.ts";
import type { McpPlace } from "./mcp-servers.ts";

export interface WiredFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

/** The constitution as agents of this profile get it: the base, the profile's fragment, version and hash. */
export function wiredConstitution(stack: Pick<Stack, "checkout" | "config">): RenderedConstitution {
  const { folder, manifest } = chosenProfile(stack);
  const fragment = join(folder, "constitution.md");
  return renderConstitution(
    readFileSync(join(stack.checkout, "CLAUDE.md"), "utf8"),
    manifest.name,
    existsSync(fragment) ? readFileSync(fragment, "utf8") : null,
  );
}

/** Names of agents whose tokens this instance keeps. */
export function wiredAgents({ secrets }: Pick<Stack, "secrets">): readonly string[] {
  return secrets.names().flatMap((name) => (name.startsWith("agent-") ? [name.slice("agent-".length)] : []));
}

/** Every file that `wire` keeps, one folder per agent. */
export function wantedFiles(stack: Stack): readonly WiredFile[] {
  const constitution = wiredConstitution(stack).text;
  return wiredAgents(stack).flatMap((agent) => filesFor(stack, agent, join(stack.paths.wire, agent), constitution));
}

/** The same files for one agent in another folder, a project that it works on. */
export function filesFor(
  stack: Stack,
  agent: string,
  folder: string,
  constitution = wiredConstitution(stack).text,
): readonly WiredFile[] {
  const files = clientFiles({ ...mcpPlace(stack, agent), constitution });
  return files.map(({ path, text }) => ({ path: join(folder, path), text }));
}

/** Where an agent's clients find the servers of this instance. */
export function mcpPlace(stack: Pick<Stack, "config">, agent: string): McpPlace {
  return { agent, directusUrl: directusUrl(stack), ragUrl: `http://127.0.0.1:${stack.config.ragPort}` };
}

/** @throws CliError AGENT_INVALID when this instance keeps no token of that agent */
export function assertWired(stack: Pick<Stack, "secrets">, agent: string): void {
  const known = wiredAgents(stack);
  if (known.includes(agent)) return;
  throw new CliError("AGENT_INVALID", {
    message: `There is no wired agent "${agent}". Wired are: ${known.join(", ") || "none"}.`,
    hint: `elk-os agent add ${agent} --model-family FAMILY`,
  });
}

export function isWritten({ path, text }: WiredFile): boolean {
  return existsSync(path) && readFileSync(path, "utf8") === text;
}

/** Writes what differs; answers how many files that were. */
export function ensureFiles(files: readonly WiredFile[]): number {
  const stale = files.filter((file) => !isWritten(file));
  for (const { path, text } of stale) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    writeFileAtomic(path, text, 0o644);
  }
  return stale.length;
}
