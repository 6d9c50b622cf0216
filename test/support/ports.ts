import { once } from "node:events";
import { createServer } from "node:net";
import { LANE, LANES } from "./lane.ts";

/** Below the kernel's ephemeral range (32768 and up on Linux), so that no outgoing connection takes a port while its service restarts. */
const FIRST = 20_000;
/** Ends below the ports of run-cli.ts, on which nobody ever listens. */
const COUNT = 8_000;
/** Each lane draws from a part of its own. */
const PART = COUNT / LANES;
const first = FIRST + PART * LANE;
/** What was answered may not be in use yet. */
const given = new Set<number>();

/** Different loopback ports on which nobody listens now, and that no other caller of this process was given. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = first + Math.floor(Math.random() * PART);
    if (given.has(port)) continue;
    given.add(port);
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
