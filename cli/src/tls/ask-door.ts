import { request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import type { Door } from "./door.ts";

export interface DoorAnswer {
  readonly status: number;
  readonly location: string | null;
  /** Strict-Transport-Security as it came; null: it did not. */
  readonly hsts: string | null;
}

export interface DoorQuestion {
  readonly name: string;
  readonly path: string;
  /** TLS without a look at the certificate, which is other checks' matter. */
  readonly scheme: "http" | "https";
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

const ANSWER_MS = 10_000;

/** Asks for a path under a name at this machine's door, whatever the name's address is. Follows no redirect. @throws Error of the network */
export function askDoor(door: Door, { name, path, scheme, headers, signal }: DoorQuestion): Promise<DoorAnswer> {
  const { host, httpPort, httpsPort } = door;
  const common = { host, path, method: "GET", headers: { ...headers, host: name }, agent: false, signal } as const;
  return new Promise((resolve, reject) => {
    const request =
      scheme === "https" && httpsPort !== null
        ? requestSecure({ ...common, port: httpsPort, servername: name, rejectUnauthorized: false })
        : requestPlain({ ...common, port: httpPort });
    request.setTimeout(ANSWER_MS, () => request.destroy(new Error(`no answer within ${ANSWER_MS} ms`)));
    request.once("error", reject);
    request.once("response", (response) => {
      const hsts = response.headers["strict-transport-security"];
      resolve({
        status: response.statusCode ?? 0,
        location: response.headers.location ?? null,
        hsts: hsts ?? null,
      });
      response.destroy();
    });
    request.end();
  });
}
