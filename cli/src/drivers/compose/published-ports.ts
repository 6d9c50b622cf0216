import { isIPv6 } from "node:net";
import type { Config } from "../../config/schema.ts";
import { doorOf } from "../../tls/door.ts";

export interface PublishedPorts {
  /** Files beside compose.yaml, which publishes loopback's ports only. */
  readonly composeFiles: readonly string[];
  /** Value of each variable of these files: a whole port mapping. */
  readonly variables: Readonly<Record<string, string>>;
  /** Settings whose ports must be free for it. */
  readonly portKeys: readonly ("httpPort" | "httpsPort")[];
  /** Where they must be; null: on every address of this machine. */
  readonly address: string | null;
}

/** What the mode publishes beyond loopback's ports; nothing with TLS off. Pure. */
export function publishedPorts(config: Config): PublishedPorts {
  const door = doorOf(config);
  if (door === null) return { composeFiles: [], variables: {}, portKeys: [], address: null };
  const address = addressOf(config);
  const map = (port: number) => `${prefixOf(address)}${port}:${port}`;
  const ELK_OS_PUBLISH_HTTP = map(door.httpPort);
  if (door.httpsPort === null)
    return { composeFiles: ["compose.http.yaml"], variables: { ELK_OS_PUBLISH_HTTP }, portKeys: ["httpPort"], address };
  return {
    composeFiles: ["compose.http.yaml", "compose.https.yaml"],
    variables: { ELK_OS_PUBLISH_HTTP, ELK_OS_PUBLISH_HTTPS: map(door.httpsPort) },
    portKeys: ["httpPort", "httpsPort"],
    address,
  };
}

/** What a proxy of this machine takes further, nobody else should reach in the clear. */
function addressOf({ tls, publicAddress }: Config): string | null {
  return publicAddress ?? (tls === "behind-proxy" ? "127.0.0.1" : null);
}

/** As Compose writes it: "127.0.0.1:"; empty: every address of this machine. */
function prefixOf(address: string | null): string {
  if (address === null) return "";
  return isIPv6(address) ? `[${address}]:` : `${address}:`;
}
