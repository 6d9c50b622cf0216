/**
 * The door to a Postgres that runs elsewhere: it listens where the instance's own Postgres would, and passes each connection on to the one
 * of several hosts that takes writes. It knows no password and no statement: a standby tells itself by `in_hot_standby` when a connection starts,
 * and only until then does the door read along. Alone in the service's folder it runs as it stands: nothing but Node is imported.
 */
import { createServer, type Server, type Socket } from "node:net";
import { ENCRYPTION_REQUESTS, readStartup, startupParameter } from "./startup-packet.ts";
import { type Upstream, Way } from "./way.ts";

export interface DoorSettings {
  /** At least one address; the port is the same on each. */
  readonly listen: { readonly hosts: readonly [string, ...string[]]; readonly port: number };
  readonly upstream: Upstream;
  /** Way of one user past a pooler; null: everybody goes the same way. */
  readonly session: { readonly user: string; readonly upstream: Upstream } | null;
}

export interface Door {
  readonly port: number;
  close(): Promise<void>;
}

/** Opens the door; a port of 0 takes one that is free on the first address. @throws what listen throws */
export async function openDoor(settings: DoorSettings, say: (line: string) => void): Promise<Door> {
  const ways = [new Way(settings.upstream, say)];
  if (settings.session !== null) ways.push(new Way(settings.session.upstream, say));
  const open = new Set<Socket>();
  const enter = (client: Socket) => {
    open.add(client);
    client.once("close", () => open.delete(client));
    client.on("error", () => client.destroy());
    readStartup(client, ENCRYPTION_REQUESTS)
      .then((packet) => {
        const isPast = settings.session !== null && startupParameter(packet, "user") === settings.session.user;
        return (ways[isPast ? 1 : 0] as Way).pass(client, packet);
      })
      .catch(() => client.destroy());
  };
  const servers: Server[] = [];
  const close = async () => {
    for (const socket of open) socket.destroy();
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  };
  let { port } = settings.listen;
  try {
    for (const host of settings.listen.hosts) {
      const server = createServer(enter);
      port = await listening(server, host, port);
      servers.push(server);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { port, close };
}

/** The port that it listens on. */
function listening(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}
