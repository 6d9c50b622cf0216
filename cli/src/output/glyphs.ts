import type { CheckResult } from "../checks/check.ts";

/** Every state is a glyph and a word; the word alone must be enough. */
export interface Glyphs {
  readonly ok: string;
  readonly bad: string;
  readonly warn: string;
  readonly info: string;
  readonly none: string;
  readonly spinner: readonly string[];
  readonly ellipsis: string;
}

export const UNICODE: Glyphs = {
  ok: "✓",
  bad: "✗",
  warn: "!",
  info: "i",
  none: "–",
  spinner: ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
  ellipsis: "…",
};

export const ASCII: Glyphs = {
  ok: "+",
  bad: "x",
  warn: "!",
  info: "i",
  none: "-",
  spinner: ["|", "/", "-", "\\"],
  ellipsis: "~",
};

type Status = CheckResult["status"];

export const STATUS_WORDS: Readonly<
  Record<Status, { readonly glyph: Exclude<keyof Glyphs, "spinner" | "ellipsis">; readonly word: string }>
> = {
  pass: { glyph: "ok", word: "green" },
  fail: { glyph: "bad", word: "red" },
  error: { glyph: "bad", word: "broke" },
  warn: { glyph: "warn", word: "warn" },
  info: { glyph: "info", word: "info" },
  skip: { glyph: "none", word: "skip" },
};
