/** An ACME authority on this machine: Pebble, with a DNS of its own that knows every name as this machine. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { join } from "node:path";
import { freePorts } from "./ports.ts";
import { eventually } from "./processes.ts";
import { makeSelfSigned } from "./self-signed.ts";
import { type Server, startServer } from "./start-server.ts";

export interface AcmeAuthority {
  /** Its ACME directory. */
  readonly directory: string;
  /** PEM: who signs the certificates that it gives, which is all that a visitor must believe. */
  readonly root: string;
  /** PEM: the same, and who signed the authority's own address. */
  readonly roots: string;
  log(): string;
  stop(): Promise<void>;
}

export interface AuthorityOptions {
  readonly folder: string;
  readonly pebble: string;
  readonly names: string;
  /** Port that it calls to see who has the name, in place of 80. */
  readonly httpPort: number;
  /** How long its certificates last, in seconds. */
  readonly lifeSeconds: number;
  /** IPv4 address of this machine at which it is asked, and at which it looks for every name. Default: loopback's. */
  readonly address?: string;
}

const LOOPBACK = "127.0.0.1";

const START_MS = 30_000;

/** @throws Error with what it printed when it does not start */
export async function startAuthority(options: AuthorityOptions): Promise<AcmeAuthority> {
  const { folder, httpPort, lifeSeconds, address = LOOPBACK } = options;
  mkdirSync(folder, { recursive: true });
  const [acme = 0, management = 0, dns = 0, control = 0, nobody = 0] = await freePorts(5);
  const { key, certificate } = makeSelfSigned(join(folder, "authority"), [
    ...new Set([`IP:${LOOPBACK}`, `IP:${address}`]),
  ]);
  const config = {
    pebble: {
      listenAddress: `${address}:${acme}`,
      managementListenAddress: `${LOOPBACK}:${management}`,
      certificate,
      privateKey: key,
      httpPort,
      // Nobody is there: a proof by TLS-ALPN would fail.
      tlsPort: nobody,
      ocspResponderURL: "",
      externalAccountBindingRequired: false,
      retryAfter: { authz: 1, order: 1 },
      certificateValidityPeriod: lifeSeconds,
    },
  };
  const configFile = join(folder, "pebble.json");
  writeFileSync(configFile, JSON.stringify(config));
  const listening = ["-dns01", `${LOOPBACK}:${dns}`, "-management", `${LOOPBACK}:${control}`];
  const off = ["-doh", "", "-http01", "", "-https01", "", "-tlsalpn01", ""];
  const everyName = ["-defaultIPv4", address, "-defaultIPv6", ""];
  const names = startServer(options.names, [...listening, ...off, ...everyName], { environment: {}, cwd: folder });
  const pebble = startServer(options.pebble, ["-strict", "-config", configFile, "-dnsserver", `${LOOPBACK}:${dns}`], {
    // No waiting before a look, no refused nonce, and every certificate is asked for anew.
    environment: { PEBBLE_VA_NOSLEEP: "1", PEBBLE_WFE_NONCEREJECT: "0", PEBBLE_AUTHZREUSE: "0" },
    cwd: folder,
  });
  const stop = async () => void (await Promise.all([names, pebble].map((server) => server.stop())));
  const own = readFileSync(certificate, "utf8");
  try {
    const root = await eventually("the authority gives its root", () => fetchRoot(pebble, management, own), START_MS);
    const directory = `https://${address}:${acme}/dir`;
    return { directory, root, roots: `${own}${root}`, log: () => pebble.log(), stop };
  } catch (error) {
    await stop();
    throw new Error(`${String(error)}\n${pebble.log()}${names.log()}`);
  }
}

/** Null while it does not listen yet. */
function fetchRoot(pebble: Server, port: number, ca: string): Promise<string | null> {
  if (!pebble.isRunning()) throw new Error("it ended");
  return new Promise((resolve) => {
    const request = get({ host: LOOPBACK, port, path: "/roots/0", ca, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve(response.statusCode === 200 ? text : null));
    });
    request.once("error", () => resolve(null));
  });
}
