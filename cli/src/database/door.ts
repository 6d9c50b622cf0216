/**
 * The door to a Postgres that runs elsewhere: it listens where the instance's own Postgres would, and passes each connection on to the one
 * of several hosts that takes writes. It knows no password and no statement: a standby tells itself by `in_hot_standby` when a connection starts,
 * and only until then does the door read along. Alone in the service's folder it runs as it stands: nothing but Node is imported.
 */
import { createServer, type Server, type Socket } from "node:net";
import { ENCRYPTION_REQUESTS, readStartup, startupParameter } from "./startup-packet.ts";
import { type Upstream, Way } from "./way.ts";

export interface DoorSettings {
  readonly listen: { readonly host: string; readonly port: number };
  readonly upstream: Upstream;
  /** Way of one user past a pooler; null: everybody goes the same way. */
  readonly session: { readonly user: string; readonly upstream: Upstream } | null;
}

export interface Door {
  readonly port: number;
  close(): Promise<void>;
}

/** Opens the door; a port of 0 takes a free one. @throws what listen throws */
export async function openDoor(settings: DoorSettings, say: (line: string) => void): Promise<Door> {
  const ways = [new Way(settings.upstream, say)];
  if (settings.session !== null) ways.push(new Way(settings.session.upstream, say));
  const open = new Set<Socket>();
  const server = createServer((client) => {
    open.add(client);
    client.once("close", () => open.delete(client));
    client.on("error", () => client.destroy());
    readStartup(client, ENCRYPTION_REQUESTS)
      .then((packet) => {
        const isPast = settings.session !== null && startupParameter(packet, "user") === settings.session.user;
        return (ways[isPast ? 1 : 0] as Way).pass(client, packet);
      })
      .catch(() => client.destroy());
  });
  await listening(server, settings.listen);
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : settings.listen.port,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listening(server: Server, { host, port }: DoorSettings["listen"]): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve());
  });
}
