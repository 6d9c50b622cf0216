import { createHash } from "node:crypto";
import type { Secret } from "../state/secret.ts";

/** 48 bits: enough to see whether two values are the same one, useless for guessing 256. */
const HEX_DIGITS = 12;

/** Names a value without showing it. The secret's name goes in, so that the same value under two names looks different. */
export function fingerprint(name: string, value: Secret): string {
  return createHash("sha256")
    .update(`muster-fingerprint/1\n${name}\n${value.reveal()}`)
    .digest("hex")
    .slice(0, HEX_DIGITS);
}
