/** A line between a browser and a service of ours that can be cut and mended. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export interface Line {
  readonly url: string;
  /** Ends what is open, and refuses what comes. */
  cut(): void;
  mend(): void;
  stop(): Promise<void>;
}

export async function startLine(to: number): Promise<Line> {
  const open = new Set<Socket>();
  let isCut = false;
  const endAll = () => {
    for (const socket of open) socket.destroy();
  };
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(to, "127.0.0.1");
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        open.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    far.pipe(near);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The line has no port.");
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut() {
      isCut = true;
      endAll();
    },
    mend() {
      isCut = false;
    },
    async stop() {
      server.close();
      endAll();
      await once(server, "close");
    },
  };
}
