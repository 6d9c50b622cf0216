/** A line between a browser and a service of ours that can be cut, silenced and mended. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export interface Line {
  readonly url: string;
  /** Ends what is open, and refuses what comes. */
  cut(): void;
  /** Keeps what is open and lets nothing of the service through any more. */
  hush(): void;
  /** From now on holds every event stream back from its first byte on, as a proxy does that waits for the end; the rest goes through. */
  holdStreams(): void;
  /** Takes back what was done to it. What was hushed or held back is not made up for. */
  mend(): void;
  stop(): Promise<void>;
}

type Harm = "none" | "cut" | "hush" | "hold";

export async function startLine(to: number): Promise<Line> {
  const open = new Set<Socket>();
  let harm: Harm = "none";
  const endAll = () => {
    for (const socket of open) socket.destroy();
  };
  const server = createServer((near) => {
    if (harm === "cut") {
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
    let isHeld = false;
    far.on("data", (chunk: Buffer) => {
      isHeld ||= harm === "hold" && chunk.includes("text/event-stream");
      if (harm !== "hush" && !isHeld) near.write(chunk);
    });
    far.on("end", () => near.end());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The line has no port.");
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut() {
      harm = "cut";
      endAll();
    },
    hush() {
      harm = "hush";
    },
    holdStreams() {
      harm = "hold";
    },
    mend() {
      harm = "none";
    },
    async stop() {
      server.close();
      endAll();
      await once(server, "close");
    },
  };
}
