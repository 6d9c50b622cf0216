import { randomBytes } from "node:crypto";
import {
  deriveServiceKey,
  IDENTITY_PATH,
  type IdentityFinding,
  type IdentityService,
  verifyIdentity,
} from "@muster/board/identity";
import { LOOPBACK } from "../../services/service-def.ts";
import type { SecretStore } from "../../state/secrets.ts";

/** Loopback answers in milliseconds; a service that still compiles its first page may need seconds. */
const ANSWER_TIMEOUT_MS = 5_000;
const NONCE_BYTES = 32;
/** Stands in before `init` made a key: nothing can match it, so no stranger is ever taken for ours. */
const NO_KEY = Buffer.alloc(NONCE_BYTES);

export type Asked =
  | { readonly kind: "silent"; readonly why: string }
  | { readonly kind: "answered"; readonly finding: IdentityFinding };

/** Sends a fresh nonce to the port and judges the answer. Never throws for what the other side does. */
export async function askIdentity(input: {
  readonly port: number;
  readonly service: IdentityService;
  readonly instanceId: string;
  readonly secrets: SecretStore;
  readonly signal: AbortSignal;
}): Promise<Asked> {
  const { port, service, instanceId, secrets, signal } = input;
  const nonce = randomBytes(NONCE_BYTES).toString("base64url");
  let body: unknown;
  try {
    const response = await fetch(`http://${LOOPBACK}:${port}${IDENTITY_PATH}?nonce=${nonce}`, {
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
    });
    body = parseOrNull(await response.text());
  } catch (error) {
    signal.throwIfAborted();
    return { kind: "silent", why: reasonOf(error) };
  }
  const key = secrets.has("instance_key")
    ? deriveServiceKey(Buffer.from(secrets.read("instance_key").reveal(), "hex"), service)
    : NO_KEY;
  return { kind: "answered", finding: verifyIdentity(key, body, { nonce, instance: instanceId, service }) };
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON, so no identity: verifyIdentity judges null as an impostor.
    return null;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
