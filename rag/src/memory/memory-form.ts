/** The form of what a memory and a log entry are written with, the same at every door: patterns as JSON Schema has them. */
export const FORM = {
  /** A title becomes a heading and a line of an index: a line break in it would be text of the writer's own making. */
  line: "^[^\\n\\r]*\\S[^\\n\\r]*$",
  text: "\\S",
  word: "^[\\p{L}\\p{N}][\\p{L}\\p{N} ._/-]*$",
  digest: "^[0-9a-f]{64}$",
} as const;
