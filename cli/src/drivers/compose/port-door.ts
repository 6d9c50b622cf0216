import { basename } from "node:path";
import { coversLoopback, listenersOn } from "../../host/sockets.ts";
import { type Container, serviceOf } from "./containers.ts";

/** The engine's own forwarder of one published port, and the engine itself where it forwards without one. */
const FORWARDER = "docker-proxy";
const ENGINE = "dockerd";

/**
 * Process on this machine that holds a published port for our proxy's container: the engine's forwarder, whose command line names the
 * address of that container, or the engine, when it says that it publishes the port. Null when it is anybody else.
 * `hostIp`: where alone it may be published; null: anywhere, as the ports of the names are.
 */
export function holderOf(
  port: number,
  containers: readonly Container[],
  hostIp: string | null = "127.0.0.1",
): number | null {
  const caddy = containers.find((container) => serviceOf(container) === "caddy");
  if (caddy === undefined || caddy.State.Pid === 0) return null;
  const published = caddy.NetworkSettings.Ports?.[`${port}/tcp`] ?? [];
  if (!published.some(({ HostIp, HostPort }) => HostPort === String(port) && (hostIp ?? HostIp) === HostIp))
    return null;
  const addresses = Object.values(caddy.NetworkSettings.Networks).map(({ IPAddress }) => IPAddress);
  const isThere = hostIp === null ? () => true : coversLoopback;
  for (const { pid, exe, argv } of listenersOn(port, null, isThere).flatMap(({ owners }) => owners)) {
    const program = basename(exe ?? argv[0] ?? "");
    if (program === ENGINE) return pid;
    const target = argv[argv.indexOf("-container-ip") + 1] ?? "";
    if (program === FORWARDER && addresses.includes(target)) return pid;
  }
  return null;
}
