import { addAbortListener } from "node:events";
import { connect } from "node:tls";
import type { Door } from "./door.ts";

/** What the door shows under one name. */
export interface SeenCertificate {
  readonly name: string;
  /** Does the certificate stand for the name? */
  readonly isForName: boolean;
  /** "CN=…, O=…" of who signed it. */
  readonly issuer: string;
  readonly from: Date;
  readonly to: Date;
  /** Why it leads to none of the roots; null: it does. */
  readonly chainProblem: string | null;
}

const HANDSHAKE_MS = 5_000;

export interface Peek {
  readonly name: string;
  /** PEM; left out: what Node brings. */
  readonly roots?: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Shakes hands under a name and looks at the certificate, whatever it is. Null: there is none yet, and Caddy ends the handshake.
 * @throws Error with what the network said when nobody listens or answers
 */
export async function peekCertificate(
  { host, httpsPort }: Pick<Door, "host"> & { readonly httpsPort: number },
  { name, roots, signal }: Peek,
): Promise<SeenCertificate | null> {
  signal.throwIfAborted();
  const socket = connect({
    host,
    port: httpsPort,
    servername: name,
    // Looked at below: a certificate that nobody believes must be seen, too.
    rejectUnauthorized: false,
    ...(roots === undefined ? {} : { ca: [...roots] }),
  });
  const handshake = Promise.withResolvers<void>();
  socket.once("secureConnect", handshake.resolve);
  socket.once("error", handshake.reject);
  socket.setTimeout(HANDSHAKE_MS, () => handshake.reject(new Error(`no handshake within ${HANDSHAKE_MS} ms`)));
  const listening = addAbortListener(signal, () => handshake.reject(signal.reason));
  try {
    await handshake.promise;
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) return null;
    return {
      name,
      isForName: certificate.checkHost(name) !== undefined,
      issuer: certificate.issuer.split("\n").reverse().join(", "),
      from: certificate.validFromDate,
      to: certificate.validToDate,
      chainProblem: socket.authorized ? null : String(socket.authorizationError),
    };
  } catch (error) {
    signal.throwIfAborted();
    if (isAlert(error)) return null;
    throw error;
  } finally {
    listening[Symbol.dispose]();
    socket.destroy();
  }
}

/** The other side spoke TLS, and refused. */
function isAlert(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^ERR_SSL_.*(ALERT|UNRECOGNIZED_NAME)/.test(code);
}
