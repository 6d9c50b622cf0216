import { once } from "node:events";
import { createServer } from "node:net";

/** Below the kernel's ephemeral range (32768 and up on Linux), so that no outgoing connection takes a port while its service restarts. */
const FIRST = 20_000;
const COUNT = 10_000;

/** Different loopback ports on which nobody listens now. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
    return true;
  } catch {
    // Somebody listens there.
    return false;
  } finally {
    server.close();
  }
}
