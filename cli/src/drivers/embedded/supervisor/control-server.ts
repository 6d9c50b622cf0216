import { chmodSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { requestSchema, type SupervisorReply, type SupervisorRequest } from "./protocol.ts";

const SOCKET_MODE = 0o600;
/** A start request carries one service's environment: a few kB. */
const MAX_REQUEST_BYTES = 256 * 1024;

export interface ControlServer {
  close(): Promise<void>;
}

/**
 * Listens on the control socket. Only the user who owns it may connect: as root that keeps out the services'
 * own user. One request per connection.
 */
export async function listenForControl(
  path: string,
  handle: (request: SupervisorRequest) => Promise<SupervisorReply>,
): Promise<ControlServer> {
  /** Connections that have not asked yet; those that have are answered before the server closes. */
  const waiting = new Set<Socket>();
  const server = createServer((socket) => {
    waiting.add(socket);
    let text = "";
    socket.setEncoding("utf8");
    socket.on("close", () => waiting.delete(socket));
    // A CLI that went away while it waited is no concern of the services.
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: string) => {
      text += chunk;
      if (text.length > MAX_REQUEST_BYTES) socket.destroy();
      const end = text.indexOf("\n");
      if (end < 0) return;
      socket.pause();
      waiting.delete(socket);
      void reply(text.slice(0, end), handle).then((line) => socket.end(`${JSON.stringify(line)}\n`));
    });
  });
  rmSync(path, { force: true });
  const umask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
  } finally {
    process.umask(umask);
  }
  chmodSync(path, SOCKET_MODE);
  return {
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of waiting) socket.destroy();
      await closed;
      rmSync(path, { force: true });
    },
  };
}

async function reply(
  line: string,
  handle: (request: SupervisorRequest) => Promise<SupervisorReply>,
): Promise<SupervisorReply> {
  try {
    return await handle(requestSchema.parse(JSON.parse(line)));
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}
