/** Which certificate it is: of what a server shows, and of what the proxy keeps. */
import { X509Certificate } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";

/** Serial number of what is shown under a name now, whoever signed it. @throws Error when nobody shows one */
export function servedSerial(name: string, port: number, address = "127.0.0.1"): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, servername: name, rejectUnauthorized: false });
    socket.once("secureConnect", () => {
      resolve(socket.getPeerX509Certificate()?.serialNumber ?? "");
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

/** Serial number of what the proxy keeps for a name between two starts. `data`: its data folder. @throws Error when it keeps none */
export function storedSerial(data: string, name: string): string {
  const [file] = globSync(`caddy/certificates/*/${name}/${name}.crt`, { cwd: data });
  return new X509Certificate(readFileSync(join(data, file ?? ""))).serialNumber;
}
