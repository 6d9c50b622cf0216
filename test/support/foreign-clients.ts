/** MCP clients that we did not write, from test/clients: installed once per lock file into the cache, run as a person runs them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { ensureEntry, entryPath } from "../../cli/src/drivers/embedded/staging/cache-entry.ts";
import { hashTree } from "../../cli/src/drivers/embedded/staging/tree-hash.ts";
import { runCommand } from "../../cli/src/host/run.ts";
import { CHECKOUT } from "./stack.ts";

const FILES = ["package.json", "package-lock.json"];
/** 474 MB unpacked, nearly all of it Claude Code: 10 s with a warm npm cache, minutes on a poor line. */
const INSTALL_TIMEOUT_MS = 9 * 60_000;
const RUN_TIMEOUT_MS = 60_000;

export type ForeignClient = "inspector" | "claude";

export interface ClientOutput {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Path of each client's command; installs them when the cache lacks them. */
export async function installForeignClients(cacheDir: string): Promise<Readonly<Record<ForeignClient, string>>> {
  const source = join(CHECKOUT, "test", "clients");
  const bin = (name: ForeignClient) => join("node_modules", ".bin", name);
  const entry = {
    name: "test-clients",
    key: hashTree(source, FILES),
    proof: [bin("inspector"), bin("claude")],
    async build(folder: string) {
      for (const name of FILES) copyFileSync(join(source, name), join(folder, name));
      await runCommand(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], {
        purpose: "The clients of other makers could not be installed",
        timeoutMs: INSTALL_TIMEOUT_MS,
        cwd: folder,
      });
    },
  };
  await ensureEntry(cacheDir, entry, () => undefined, new AbortController().signal);
  const folder = entryPath(cacheDir, entry);
  return { inspector: join(folder, bin("inspector")), claude: join(folder, bin("claude")) };
}

/** Runs a client in a folder with a HOME of its own and nothing of the tester's environment but PATH. */
export async function runForeignClient(
  command: string,
  args: readonly string[],
  place: { readonly cwd: string; readonly home: string; readonly environment?: Readonly<Record<string, string>> },
): Promise<ClientOutput> {
  const child = spawn(command, args, {
    cwd: place.cwd,
    env: { PATH: process.env["PATH"] ?? "", HOME: place.home, LANG: "C.UTF-8", ...place.environment },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: RUN_TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  await once(child, "close");
  return {
    exit: child.exitCode,
    stdout: Buffer.concat(out).toString("utf8"),
    stderr: Buffer.concat(err).toString("utf8"),
  };
}
