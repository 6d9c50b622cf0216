/** A TCP proxy before a Postgres that loses answers: the statement was carried out, and its caller never hears of it. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export interface TcpProxy {
  readonly port: number;
  /** How many answers were lost. */
  readonly lost: number;
  stop(): Promise<void>;
}

/** First byte of a message that runs a statement: Query and Parse. */
const STATEMENT = [0x51, 0x50];

/** Loses every `nth` answer to a statement by closing both sides once the answer has come. */
export async function startTcpProxy(to: number, nth: number): Promise<TcpProxy> {
  const open = new Set<Socket>();
  let statements = 0;
  let lost = 0;
  const server = createServer((client) => {
    const upstream = connect(to, "127.0.0.1");
    let isDoomed = false;
    const close = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("error", close);
      socket.on("close", () => open.delete(socket) && close());
    }
    client.on("data", (chunk) => {
      if (STATEMENT.includes(chunk[0] ?? 0)) {
        statements += 1;
        isDoomed ||= statements % nth === 0;
      }
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => {
      if (!isDoomed) client.write(chunk);
      else {
        lost += 1;
        close();
      }
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The proxy has no port.");
  return {
    port: address.port,
    get lost() {
      return lost;
    },
    async stop() {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, "close");
    },
  };
}
