/**
 * The few messages with which a Postgres connection starts: https://www.postgresql.org/docs/18/protocol-message-formats.html. Everything after
 * ReadyForQuery passes unread.
 */
import type { Socket } from "node:net";

const SSL_CODE = 80877103;
const GSS_CODE = 80877104;
export const CANCEL_REQUEST = 80877102;
/** Asked before a startup packet, and answered N: the way to the door never leaves this machine. */
export const ENCRYPTION_REQUESTS: readonly number[] = [SSL_CODE, GSS_CODE];
/** Postgres's own limit. */
const LONGEST_STARTUP = 10_000;
const HEADER = 5;

export const SSL_REQUEST = Buffer.alloc(8);
SSL_REQUEST.writeInt32BE(8, 0);
SSL_REQUEST.writeInt32BE(SSL_CODE, 4);

/** The packet that a client begins with; those whose code is in `refused` are answered N and skipped. Rejects when the client goes or says nonsense. */
export function readStartup(client: Socket, refused: readonly number[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let seen = Buffer.alloc(0);
    const take = (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk]);
      while (seen.length >= 8) {
        const length = seen.readInt32BE(0);
        if (length < 8 || length > LONGEST_STARTUP) return done(() => reject(new Error("no startup packet")));
        if (seen.length < length) return;
        const packet = seen.subarray(0, length);
        seen = seen.subarray(length);
        if (!refused.includes(packet.readInt32BE(4))) {
          // What came with it belongs to the server.
          return done(() => {
            if (seen.length > 0) client.unshift(seen);
            resolve(packet);
          });
        }
        client.write("N");
      }
    };
    const gone = () => reject(new Error("the client left"));
    const done = (then: () => void) => {
      client.off("data", take);
      client.off("close", gone);
      client.pause();
      then();
    };
    client.on("data", take);
    client.once("close", gone);
  });
}

/** Value of a parameter of a startup packet; null: it has none of that name. */
export function startupParameter(packet: Buffer, name: string): string | null {
  const words = packet.subarray(8).toString("utf8").split("\0");
  const at = words.findIndex((word, index) => index % 2 === 0 && word === name);
  return at < 0 ? null : (words[at + 1] ?? null);
}

/**
 * Passes the server's messages on, and calls `judge` once: with true as soon as the server says that it is a standby, with false when it is
 * ready and has not said so. From a true answer of `judge` on everything passes unread; after a false one nothing does.
 */
export function watchStartup(server: Socket, client: Socket, judge: (isStandby: boolean) => boolean): void {
  let seen = Buffer.alloc(0);
  const take = (chunk: Buffer) => {
    seen = Buffer.concat([seen, chunk]);
    while (seen.length >= HEADER) {
      const length = 1 + seen.readInt32BE(1);
      if (seen.length < length) return;
      const message = seen.subarray(0, length);
      const isStandby = isStandbyStatus(message);
      if (isStandby || message[0] === READY_FOR_QUERY) {
        server.off("data", take);
        if (!judge(isStandby)) return;
        client.write(seen);
        server.pipe(client);
        return;
      }
      client.write(message);
      seen = seen.subarray(length);
    }
  };
  server.on("data", take);
}

const READY_FOR_QUERY = "Z".charCodeAt(0);
const PARAMETER_STATUS = "S".charCodeAt(0);

function isStandbyStatus(message: Buffer): boolean {
  return message[0] === PARAMETER_STATUS && message.subarray(HEADER).toString("utf8") === "in_hot_standby\0on\0";
}

/** FATAL: the client gives the connection up. */
export function errorResponse(code: string, message: string): Buffer {
  const fields = ["SFATAL", "VFATAL", `C${code}`, `M${message}`].map((field) => `${field}\0`).join("");
  const body = Buffer.from(`${fields}\0`, "utf8");
  const header = Buffer.alloc(HEADER);
  header.write("E");
  header.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([header, body]);
}
