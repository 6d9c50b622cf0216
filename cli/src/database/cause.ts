/** A name with several addresses fails as an AggregateError without a message. */
export function causeOf(error: unknown): Error {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return new Error(error.errors.map((one) => (one instanceof Error ? one.message : String(one))).join(", "), {
      cause: error,
    });
  }
  return error instanceof Error ? error : new Error(String(error));
}
