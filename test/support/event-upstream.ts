/** What stands behind the proxy in its tests: says what reached it, and streams an event that the next one waits for. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface EventUpstream {
  readonly port: number;
  /** Sends the second event of every open stream, and ends it. */
  finishStreams(): void;
  /** Connections that the proxy holds, idle ones too; this server gives up none by itself. */
  countConnections(): Promise<number>;
  stop(): Promise<void>;
}

/** `/events` streams; everything else answers JSON: its own name, and host, scheme and address of the client as they were told. */
export async function startEventUpstream(name: string): Promise<EventUpstream> {
  const open = new Set<() => void>();
  const server = createServer((request, response) => {
    if (request.url === "/events") {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      response.write("data: first\n\n");
      open.add(() => response.end("data: second\n\n"));
      return;
    }
    const { host, "x-forwarded-proto": scheme, "x-forwarded-for": client } = request.headers;
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ name, host, scheme, client }));
  }).listen(0, "127.0.0.1");
  server.keepAliveTimeout = 0;
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const finishStreams = () => {
    for (const finish of open) finish();
    open.clear();
  };
  return {
    port,
    finishStreams,
    countConnections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
      }),
    async stop() {
      finishStreams();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
