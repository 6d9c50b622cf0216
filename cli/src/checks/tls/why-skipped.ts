import { type Check, type Finding, skip } from "../check.ts";

/** Why a check of this folder is skipped with the other driver. */
export const PROXY_ONLY = {
  only: "compose",
  otherwise: "the embedded driver runs no proxy; what stands before it is the operator's (docs/deploy.md)",
} as const satisfies Check["drivers"];

export const TLS_OFF: Finding = skip("TLS is off: ELK_OS_TLS (docs/tls.md)");
export const CERTIFICATE_ELSEWHERE: Finding = skip(
  "the certificate is with the proxy before ours, which is not seen from here (ELK_OS_TLS=behind-proxy)",
);
