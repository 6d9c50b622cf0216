import type { Config } from "../../config/schema.ts";
import { waitUntil } from "../../host/wait.ts";
import { doorOf } from "../../tls/door.ts";
import { peekCertificate } from "../../tls/peek-certificate.ts";
import type { Progress } from "../driver.ts";

/** An authority answers within seconds. What takes longer is mostly a name that leads elsewhere, and no reason to hold the start up. */
const PATIENCE_MS = 60_000;
const POLL_MS = 500;

/**
 * Gives a proxy that was just started the time to get its certificates: it serves before it has them. Never fails: TLS-01 says what came
 * of it. @throws the signal's reason
 */
export async function awaitCertificates(config: Config, progress: Progress, signal: AbortSignal): Promise<void> {
  const door = doorOf(config);
  if (door === null || door.httpsPort === null) return;
  const { host, httpsPort, names } = door;
  const hasOne = async (name: string) => {
    try {
      return (await peekCertificate({ host, httpsPort }, { name, signal })) !== null;
    } catch {
      signal.throwIfAborted();
      return false;
    }
  };
  for (const name of names) {
    progress(`waiting for the certificate of ${name}`);
    if (await waitUntil(() => hasOne(name), { timeoutMs: PATIENCE_MS, intervalMs: POLL_MS, signal })) continue;
    progress(`${name} has no certificate after ${PATIENCE_MS / 1000} s; the proxy goes on trying`);
    return;
  }
}
