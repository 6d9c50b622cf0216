/**
 * SCRAM-SHA-256 verifiers in Postgres's form, so that a role's password is set without the server, its log or its statement
 * statistics ever seeing it. https://www.postgresql.org/docs/18/catalog-pg-authid.html, RFC 5803.
 */
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";

/** 4096: Postgres's own default; our passwords are random, so that more rounds would only slow each login. */
const ITERATIONS = 4096;
const SALT_BYTES = 16;
const KEY_BYTES = 32;
const VERIFIER = /^SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$/;

/**
 * `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`, for `alter role … password`.
 * Throws an Error for anything but printable ASCII: other text would need SASLprep first.
 */
export function scramVerifier(
  password: string,
  salt: Buffer = randomBytes(SALT_BYTES),
  iterations = ITERATIONS,
): string {
  if (!/^[\x20-\x7e]+$/.test(password)) throw new Error("A database password must be printable ASCII.");
  const salted = pbkdf2Sync(password, salt, iterations, KEY_BYTES, "sha256");
  const clientKey = createHmac("sha256", salted).update("Client Key").digest();
  const storedKey = createHash("sha256").update(clientKey).digest("base64");
  const serverKey = createHmac("sha256", salted).update("Server Key").digest("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey}:${serverKey}`;
}

/** Whether a stored verifier belongs to this password; false for null and for other formats. */
export function matchesScramVerifier(password: string, verifier: string | null): boolean {
  const [, iterations, salt] = VERIFIER.exec(verifier ?? "") ?? [];
  if (verifier === null || iterations === undefined || salt === undefined) return false;
  const wanted = Buffer.from(scramVerifier(password, Buffer.from(salt, "base64"), Number(iterations)));
  const stored = Buffer.from(verifier);
  return wanted.length === stored.length && timingSafeEqual(wanted, stored);
}
