import type { CheckResult } from "../checks/check.ts";
import { type Glyphs, STATUS_WORDS } from "./glyphs.ts";

const ID_WIDTH = 11;
const INDENT = " ".repeat(10);

/** A check on the board: glyph, word, id, evidence; a red one adds what was expected and the fix. */
export function findingLines(result: CheckResult, glyphs: Glyphs): readonly string[] {
  const { glyph, word } = STATUS_WORDS[result.status];
  const verdict = result.verdict === null ? "" : `${result.verdict}  `;
  const lines = [`${glyphs[glyph]} ${word.padEnd(7)} ${result.id.padEnd(ID_WIDTH)} ${verdict}${result.evidence}`];
  if (result.expected !== null) lines.push(`${INDENT}expected ${result.expected}`);
  if (result.actual !== null) lines.push(`${INDENT}actual   ${result.actual}`);
  if (result.fix !== null) lines.push(`${INDENT}fix      ${result.fix}`);
  return lines;
}
