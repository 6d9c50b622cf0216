import { environmentName } from "../../config/schema.ts";
import { CliError } from "../../errors/cli-error.ts";
import { coversLoopback, listenersOn, occupies } from "../../host/sockets.ts";
import { isRoot } from "../../host/users.ts";
import { SERVICES } from "../../services/index.ts";
import { LOOPBACK } from "../../services/service-def.ts";
import type { DriverFoundation } from "../index.ts";
import { caddyFiles } from "./caddy-files.ts";
import { inspectProject } from "./containers.ts";
import { findEngine } from "./docker.ts";
import { judgeEngine } from "./engine-versions.ts";
import { holderOf } from "./port-door.ts";
import { projectOf } from "./project.ts";
import { publishedPorts } from "./published-ports.ts";

/** Reads and asks only. @throws CliError PREFLIGHT_FAILED or PORT_TAKEN */
export async function assertEngineReady(foundation: DriverFoundation, signal: AbortSignal): Promise<void> {
  if (!isRoot()) {
    throw new CliError("PREFLIGHT_FAILED", {
      message:
        "The compose driver needs root: it gives each container's files to a group of their own, and looks at who holds a port.",
      hint: "Run elk-os as root, or use --driver embedded, which needs neither.",
    });
  }
  const engine = await findEngine(signal);
  if (engine === null) {
    throw new CliError("PREFLIGHT_FAILED", {
      message: "No Docker engine with Compose answers: `docker version` or `docker compose version` fails.",
      hint: "Start Docker (DOCKER_HOST names another one), or use --driver embedded, which needs none.",
    });
  }
  const unfit = judgeEngine(engine);
  if (unfit !== null) throw new CliError("PREFLIGHT_FAILED", { ...unfit, facts: { ...engine } });
  // Files that the settings name must be readable before the first write, too.
  caddyFiles(foundation);
  await assertPortsFree(foundation, signal);
}

async function assertPortsFree(foundation: DriverFoundation, signal: AbortSignal): Promise<void> {
  const containers = await inspectProject(projectOf(foundation), signal);
  const published = publishedPorts(foundation.config);
  const wanted = [
    ...SERVICES.filter(({ id }) => id !== "postgres").map(({ id, portKey }) => ({
      service: id,
      portKey,
      hostIp: LOOPBACK,
      isInTheWay: coversLoopback,
    })),
    ...published.portKeys.map((portKey) => ({
      service: "proxy",
      portKey,
      hostIp: null,
      isInTheWay: (address: string) => occupies(address, published.address),
    })),
  ];
  const taken = wanted.flatMap(({ service, portKey, hostIp, isInTheWay }) => {
    const port = foundation.config[portKey];
    const [listener] = listenersOn(port, null, isInTheWay);
    if (listener === undefined || holderOf(port, containers, hostIp) !== null) return [];
    const owner = listener.owners[0];
    return [
      {
        service,
        portKey,
        port,
        pid: owner?.pid ?? null,
        exe: owner?.exe ?? null,
        address: listener.address,
      },
    ];
  });
  const first = taken[0];
  if (first === undefined) return;
  throw new CliError("PORT_TAKEN", {
    message: taken
      .map(
        ({ service, port, pid, exe, address }) =>
          `Port ${port}, which ${service} needs, is held by pid ${pid ?? "unknown"} (${exe ?? "unknown"}) on ${address}.`,
      )
      .join("\n"),
    hint: `Stop that process, or give Muster another port: ${environmentName(first.portKey)}=<port>.`,
    facts: { ports: taken.map(({ portKey: _key, ...rest }) => rest) },
  });
}
