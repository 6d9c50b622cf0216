/** What came, or why nothing did: a door that does not answer is a finding, not a crash of the check. @throws what ended the check itself */
export function orReason<T>(asking: Promise<T>, signal: AbortSignal): Promise<T | string> {
  return asking.catch((error: unknown) => {
    signal.throwIfAborted();
    return error instanceof Error ? error.message : String(error);
  });
}
