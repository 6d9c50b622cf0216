/** A client that goes to this machine and asks for a name, as one does whose DNS says so; it believes the roots that it is given. */
import type { IncomingMessage } from "node:http";
import { request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";

export interface NamedAnswer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface NamedQuestion {
  readonly name: string;
  /** Address that the name leads to. Default: loopback's. */
  readonly address?: string;
  readonly port: number;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** PEM of the roots; left out: without TLS. */
  readonly roots?: string;
}

/** Waits for the headers only. @throws Error when the certificate is not believed, or nobody answers */
export function openByName(question: NamedQuestion): Promise<IncomingMessage> {
  const { name, address = "127.0.0.1", port, path = "/", headers, roots } = question;
  const common = { host: address, port, path, headers: { ...headers, host: name }, agent: false } as const;
  return new Promise((resolve, reject) => {
    const request =
      roots === undefined ? requestPlain(common) : requestSecure({ ...common, servername: name, ca: roots });
    request.once("response", resolve);
    request.once("error", reject);
    request.end();
  });
}

export async function askByName(question: NamedQuestion): Promise<NamedAnswer> {
  const response = await openByName(question);
  let body = "";
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}
