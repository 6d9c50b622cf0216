import { isIP, type Socket, connect as tcpConnect } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { causeOf } from "./cause.ts";
import { CANCEL_REQUEST, errorResponse, SSL_REQUEST, watchStartup } from "./startup-packet.ts";

export interface Upstream {
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly tlsMode: "disable" | "prefer" | "require" | "verify-ca" | "verify-full";
  /** PEM; null: the roots of the system. */
  readonly roots: string | null;
}

/** Less than a client waits (2 to 3 s), so that the second host is still tried for it. */
const CONNECT_TIMEOUT_MS = 1_200;
const KEEPALIVE_MS = 10_000;

/** One upstream, and which of its hosts took writes last. */
export class Way {
  readonly #upstream: Upstream;
  readonly #say: (line: string) => void;
  #current = 0;
  #said = "";

  constructor(upstream: Upstream, say: (line: string) => void) {
    this.#upstream = upstream;
    this.#say = say;
  }

  async pass(client: Socket, packet: Buffer): Promise<void> {
    const { hosts } = this.#upstream;
    const refusals: string[] = [];
    for (let tried = 0; tried < hosts.length; tried++) {
      const index = this.#current;
      const name = this.#name(index);
      try {
        const server = await this.#connect(index);
        // Who wishes to cancel says so and leaves.
        if (packet.readInt32BE(4) === CANCEL_REQUEST) return void server.end(packet);
        if (client.destroyed) return void server.destroy();
        server.write(packet);
        return this.#relay(client, server, index);
      } catch (error) {
        refusals.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
        this.#moveOn(index);
      }
    }
    this.#tell(refusals.join("; "));
    client.end(errorResponse("08006", `no server takes the connection: ${refusals.join("; ")}`));
  }

  #relay(client: Socket, server: Socket, index: number): void {
    const end = () => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.setKeepAlive(true, KEEPALIVE_MS);
      socket.on("error", end);
      socket.on("close", end);
    }
    client.pipe(server);
    watchStartup(server, client, (isStandby) => {
      if (!isStandby) {
        if (index === this.#current) this.#tell(`${this.#name(index)} takes writes`);
        return true;
      }
      this.#tell(`${this.#name(index)} is a standby`);
      this.#moveOn(index);
      client.end(errorResponse("57P03", `${this.#name(index)} is a standby; the next attempt asks another host`));
      // Ending the client would cut its answer off.
      server.off("close", end);
      server.destroy();
      return false;
    });
  }

  #name(index: number): string {
    const { host, port } = this.#upstream.hosts[index] as Upstream["hosts"][number];
    return `${host}:${port}`;
  }

  /** Another attempt may have moved on already. */
  #moveOn(from: number): void {
    if (this.#current === from) this.#current = (from + 1) % this.#upstream.hosts.length;
  }

  #tell(line: string): void {
    if (line === this.#said) return;
    this.#said = line;
    this.#say(line);
  }

  async #connect(index: number): Promise<Socket> {
    const { host, port } = this.#upstream.hosts[index] as Upstream["hosts"][number];
    const socket = tcpConnect({ host, port });
    const late = setTimeout(
      () => socket.destroy(new Error(`no answer within ${CONNECT_TIMEOUT_MS} ms`)),
      CONNECT_TIMEOUT_MS,
    );
    try {
      await happened(socket, "connect");
      return this.#upstream.tlsMode === "disable" ? socket : await this.#encrypted(socket, host);
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  async #encrypted(socket: Socket, host: string): Promise<Socket> {
    const { tlsMode, roots } = this.#upstream;
    socket.write(SSL_REQUEST);
    const answer = await firstBytes(socket);
    if (answer.length !== 1) throw new Error("it answers the question for TLS with more than a letter");
    if (answer.toString() !== "S") {
      if (tlsMode === "prefer") return socket;
      throw new Error("it offers no TLS");
    }
    const secured = tlsConnect({
      socket,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(roots === null ? {} : { ca: roots }),
      rejectUnauthorized: tlsMode === "verify-ca" || tlsMode === "verify-full",
      ...(tlsMode === "verify-full" ? {} : { checkServerIdentity: () => undefined }),
      ...(tlsMode === "verify-full" && isIP(host) !== 0 ? { host } : {}),
    });
    await happened(secured, "secureConnect");
    return secured;
  }
}

function happened(socket: Socket, event: "connect" | "secureConnect"): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, resolve);
    socket.once("error", (error) => reject(causeOf(error)));
    socket.once("close", () => reject(new Error("it closed the connection")));
  });
}

function firstBytes(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    socket.once("data", resolve);
    socket.once("close", () => reject(new Error("it closed the connection")));
  });
}
