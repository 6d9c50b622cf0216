/** What an error says, and what stands behind it: `fetch` says "fetch failed" or "terminated", and only its cause says why. Pure. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  if (!(cause instanceof Error)) return message;
  // Of several addresses that all refuse, Node has a code and no words.
  const behind = cause.message !== "" ? cause.message : "code" in cause ? String(cause.code) : cause.name;
  return message.includes(behind) ? message : `${message} (${behind})`;
}
