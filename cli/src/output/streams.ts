/** Where a reporter writes; `process.stdout` and `process.stderr` fit, tests collect strings. */
export interface Streams {
  readonly out: { write(text: string): unknown };
  readonly err: { write(text: string): unknown; readonly columns?: number | undefined };
}
