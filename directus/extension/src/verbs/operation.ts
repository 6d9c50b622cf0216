import { createHash } from "node:crypto";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The operation id for a caller's idempotency key. A uuid stands for itself, so that an outbox can replay it; any other text is hashed
 * together with the actor, so that two agents who both say "1" do not meet.
 */
export function operationOf(actor: string, key: string | undefined): string | null {
  if (key === undefined) return null;
  if (UUID.test(key)) return key.toLowerCase();
  const hex = createHash("sha256").update(`${actor}\n${key}`).digest("hex");
  // Version 8 (custom) and the RFC's variant.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
