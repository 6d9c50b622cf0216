/** An image registry on loopback: Debian's package, unpacked beside those of the engine, and gone with the test. Engines take loopback without TLS. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { ensureUnpacked } from "../../scripts/engine/packages.ts";
import { enginePlace } from "../../scripts/engine/place.ts";
import { freePorts } from "./ports.ts";
import { eventually } from "./processes.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const PACKAGES = { bookworm: ["docker-registry"] } as const;
/** What it wants to be told; the rest comes by its environment. */
const CONFIG = "version: 0.1\nstorage:\n  filesystem: {}\n  delete:\n    enabled: true\n";
const STARTS_MS = 60_000;

export interface Registry {
  /** "127.0.0.1:5000": what a reference to an image of it begins with. */
  readonly name: string;
  stop(): Promise<void>;
}

/** Folder of its program, fetched when it is not there; else why it cannot be had here. */
export function findRegistry(): { readonly program: string } | { readonly why: string } {
  try {
    return { program: join(ensureUnpacked(enginePlace(), PACKAGES).folder, "root", "usr", "bin", "docker-registry") };
  } catch (error) {
    return { why: (error instanceof Error ? error.message : String(error)).trim().split("\n")[0] ?? "" };
  }
}

/** An empty one, in a test. */
export async function startRegistry(program: string): Promise<Registry> {
  const [port = 0] = await freePorts(1);
  const folder = temporaryFolder();
  const name = `127.0.0.1:${port}`;
  const settings = {
    REGISTRY_HTTP_ADDR: name,
    REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: join(folder, "data"),
    REGISTRY_LOG_LEVEL: "error",
    OTEL_TRACES_EXPORTER: "none",
  };
  const config = join(folder, "config.yml");
  writeFileSync(config, CONFIG);
  const child: ChildProcess = spawn(program, ["serve", config], { env: settings, stdio: "ignore" });
  const exited = once(child, "exit");
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
  };
  onTestFinished(stop);
  const answers = async () => (await fetch(`http://${name}/v2/`).catch(() => null))?.ok === true;
  await eventually("the registry answers", answers, STARTS_MS);
  return { name, stop };
}
