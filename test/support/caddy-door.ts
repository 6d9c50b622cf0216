/** The proxy of the compose driver as a process on loopback: its real Caddyfile and what elk-os writes beside it, before small servers. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Config } from "../../cli/src/config/schema.ts";
import { CADDY_FILES, caddyEnvironment, caddyFiles } from "../../cli/src/drivers/compose/caddy-files.ts";
import { freePorts } from "./ports.ts";
import { eventually } from "./processes.ts";
import { type Server, startServer } from "./start-server.ts";

const CHECKOUT = resolve(import.meta.dirname, "..", "..");
const START_MS = 20_000;

export interface DoorOptions {
  readonly caddy: string;
  readonly config: Config;
  /** Empty: files of the proxy go here. */
  readonly folder: string;
  /** The proxy's data: certificates and account. */
  readonly data: string;
  /** Port of the server behind each. */
  readonly upstreams: { readonly portal: number; readonly directus: number };
}

interface LaidOut {
  readonly environment: Readonly<Record<string, string>>;
  readonly healthPort: number;
}

async function layOut({ config, folder, data, upstreams }: DoorOptions): Promise<LaidOut> {
  mkdirSync(folder, { recursive: true });
  const files = caddyFiles({ checkout: CHECKOUT, config }, folder);
  for (const name of CADDY_FILES) writeFileSync(join(folder, name), files[name]);
  const [healthPort = 0] = await freePorts(1);
  const environment = {
    ...caddyEnvironment({ config }),
    HOME: folder,
    XDG_DATA_HOME: data,
    XDG_CONFIG_HOME: folder,
    ELK_OS_BIND: "127.0.0.1",
    ELK_OS_HEALTH_PORT: String(healthPort),
    ELK_OS_UPSTREAM_PORTAL: `127.0.0.1:${upstreams.portal}`,
    ELK_OS_UPSTREAM_DIRECTUS: `127.0.0.1:${upstreams.directus}`,
    ELK_OS_UPSTREAM_RAG: `127.0.0.1:${upstreams.portal}`,
  };
  return { environment, healthPort };
}

const SOURCE = ["--config", "Caddyfile", "--adapter", "caddyfile"] as const;

export interface BoxOptions {
  readonly caddy: string;
  readonly folder: string;
  readonly name: string;
  readonly portalPort: number;
  /** Global options, which the box's file has none of. */
  readonly options: readonly string[];
}

/** The proxy of a machine of its own, with its name and its portal put in as install.sh does. Its certificate may come later. */
export function startBox({ caddy, folder, name, portalPort, options }: BoxOptions): Server {
  mkdirSync(folder, { recursive: true });
  const sites = readFileSync(join(CHECKOUT, "deploy", "box", "Caddyfile"), "utf8")
    .replaceAll("muster.example.com", name)
    .replaceAll("127.0.0.1:3000", `127.0.0.1:${portalPort}`);
  writeFileSync(join(folder, "Caddyfile"), `{\n${options.join("\n")}\n}\n${sites}`);
  return startServer(caddy, ["run", ...SOURCE], { environment: { HOME: folder }, cwd: folder });
}

/** Starts it and waits until it serves; its certificates may come later. @throws Error with what it printed */
export async function startDoor(options: DoorOptions): Promise<Server> {
  const { environment, healthPort } = await layOut(options);
  const server = startServer(options.caddy, ["run", ...SOURCE], { environment, cwd: options.folder });
  const serves = async () => {
    if (!server.isRunning()) throw new Error("it ended");
    const answer = await fetch(`http://127.0.0.1:${healthPort}/`).catch(() => null);
    return answer?.ok;
  };
  try {
    await eventually("the proxy serves", serves, START_MS);
    return server;
  } catch (error) {
    await server.stop();
    throw new Error(`${String(error)}\n${server.log()}`);
  }
}

/** Reads it as Caddy does before it serves. @throws Error with what is wrong */
export async function validateDoor(options: DoorOptions): Promise<void> {
  const { environment } = await layOut(options);
  execFileSync(options.caddy, ["validate", ...SOURCE], { env: { ...environment }, cwd: options.folder, stdio: "pipe" });
}
