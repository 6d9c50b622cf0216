/** A certificate that signs itself, for a server of a test. */
import { execFileSync } from "node:child_process";

export interface SelfSigned {
  /** Files, in PEM. */
  readonly key: string;
  readonly certificate: string;
}

/** `names`: "DNS:board.example.org", "IP:127.0.0.1". `days`: how long it lasts. @throws Error without the program openssl */
export function makeSelfSigned(base: string, names: readonly string[], days = 2): SelfSigned {
  const [key, certificate] = [`${base}.key`, `${base}.pem`];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const subject = ["-subj", "/CN=Muster test", "-addext", `subjectAltName=${names.join(",")}`, "-days", String(days)];
  execFileSync("openssl", ["req", "-x509", ...curve, ...subject, "-keyout", key, "-out", certificate], {
    stdio: "pipe",
  });
  return { key, certificate };
}
