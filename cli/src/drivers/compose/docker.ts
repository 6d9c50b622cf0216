import { CliError } from "../../errors/cli-error.ts";
import { type RunResult, runCommand } from "../../host/run.ts";
import type { EngineVersions } from "./engine-versions.ts";

/** An answer of the engine that changes nothing; a loaded machine needs seconds. */
const ASK_MS = 30_000;

export interface DockerOptions {
  /** One sentence that a failure begins with. */
  readonly purpose: string;
  readonly timeoutMs?: number;
  readonly cwd?: string;
  /** Written to its stdin. */
  readonly input?: string;
  /** Never shown, wherever it appears in what the command says. */
  readonly redact?: readonly string[];
  readonly signal?: AbortSignal;
}

/** Runs `docker …` against the engine that the caller's environment names. @throws CliError INSTALL_FAILED with the end of its output */
export function docker(args: readonly string[], options: DockerOptions): Promise<RunResult> {
  return runCommand(["docker", ...args], { timeoutMs: ASK_MS, ...options });
}

/** Version of the engine and of Compose; null when no engine answers or Compose is missing. */
export async function findEngine(signal: AbortSignal): Promise<EngineVersions | null> {
  try {
    const engine = await docker(["version", "--format", "{{.Server.Version}}"], {
      purpose: "The engine was asked",
      signal,
    });
    const compose = await docker(["compose", "version", "--short"], { purpose: "Compose was asked", signal });
    return { engine: engine.stdout.trim(), compose: compose.stdout.trim().replace(/^v/, "") };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CliError) return null;
    throw error;
  }
}
