import { createHash } from "node:crypto";
import { join } from "node:path";

/** Where the engine of the tests keeps everything; nothing of it lies anywhere else. */
export interface EnginePlace {
  readonly root: string;
  /** Unpacked Debian packages, by fingerprint. */
  readonly packages: string;
  readonly bin: string;
  readonly data: string;
  readonly exec: string;
  readonly socket: string;
  readonly pidFile: string;
  readonly log: string;
  /** What the packet filter was before we came. */
  readonly before: string;
  /** DOCKER_CONFIG of every command: the Compose and Buildx plugins, and nobody's credentials. */
  readonly config: string;
}

/** MUSTER_ENGINE_DIR; short, because a socket's path may be 107 characters long. */
export function enginePlace(root = process.env["MUSTER_ENGINE_DIR"] ?? "/var/lib/elk-os-engine"): EnginePlace {
  return {
    root,
    packages: join(root, "packages"),
    bin: join(root, "bin"),
    data: join(root, "data"),
    exec: join(root, "exec"),
    socket: join(root, "docker.sock"),
    pidFile: join(root, "dockerd.pid"),
    log: join(root, "dockerd.log"),
    before: join(root, "before.json"),
    config: join(root, "config"),
  };
}

/** Names the control groups of one engine, so that two places never share any. */
export function controlGroup(place: EnginePlace): string {
  return `elk-os-engine-${createHash("sha256").update(place.root).digest("hex").slice(0, 8)}`;
}

/** What a command needs in its environment to talk to that engine, and to no other. */
export function engineEnvironment(place: EnginePlace): Readonly<Record<string, string>> {
  return {
    DOCKER_HOST: `unix://${place.socket}`,
    DOCKER_CONFIG: place.config,
    PATH: `${place.bin}:${process.env["PATH"] ?? ""}`,
  };
}
