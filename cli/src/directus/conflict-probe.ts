import { DirectusRefusal, type DirectusTarget, openDirectus } from "./client.ts";

export interface ConflictAnswer {
  /** 409 when a second session was refused; another 4xx with a MUSTER_ code when the law refused the first claim; 500 or 404 without the extension. */
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/**
 * Has the extension provoke a claim conflict as the token's user (an agent) in a transaction that never commits, and returns how
 * Directus answered it: the only proof that the extension's hook is loaded. Changes nothing.
 */
export async function provokeConflict(agent: DirectusTarget): Promise<ConflictAnswer> {
  try {
    await openDirectus(agent).request("POST", "/muster/conflict");
  } catch (error) {
    if (error instanceof DirectusRefusal) return { status: error.status, code: error.refusal, message: error.said };
    throw error;
  }
  return { status: 200, code: "NONE", message: "The conflict was not refused." };
}
