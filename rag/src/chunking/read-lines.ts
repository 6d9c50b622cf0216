/** What a line is part of, as far as cutting is concerned. */
type LineKind = "text" | "blank" | "fenced" | "table" | "heading";

export interface Line {
  /** Counted from 1. */
  readonly number: number;
  readonly text: string;
  readonly kind: LineKind;
  /** Set on the first line of a heading: `#` is level 1. */
  readonly heading: { readonly level: number; readonly title: string } | null;
}

const ATX = /^\uFEFF? {0,3}(#{1,6})(?:[ \t]+(.*?))??(?:[ \t]+#+)?[ \t\r]*$/;
const SETEXT = /^ {0,3}(=+|-+)[ \t\r]*$/;
const FENCE = /^[ \t]*(`{3,}|~{3,})(.*)$/;
const TABLE_RULE = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?[ \t\r]*$/;
/** Lines that cannot be the text of an underlined heading: quotes, list items, table rows. */
const NOT_A_TITLE = /^ {0,3}([>|]|[-*+] |\d+[.)] )/;

/**
 * Reads Markdown line by line: which lines are blank, in a code fence, in a table, or a heading (`#` or underlined).
 * Lines before `from` (counted from 0) are left out: they are front matter. A fence that is never closed runs to the end,
 * as every Markdown reader has it. Pure.
 */
export function readLines(raw: readonly string[], from: number): readonly Line[] {
  const kinds = raw.map((text): LineKind => (text.trim() === "" ? "blank" : "text"));
  markFences(raw, kinds, from);
  markTables(raw, kinds, from);
  const lines: Line[] = [];
  for (let index = from; index < raw.length; index++) {
    const text = raw[index] ?? "";
    const kind = kinds[index] ?? "text";
    const heading = kind === "text" ? headingAt(raw, kinds, index) : null;
    if (heading === null) lines.push({ number: index + 1, text, kind, heading: null });
    else {
      lines.push({ number: index + 1, text, kind: "heading", heading: { level: heading.level, title: heading.title } });
      for (let below = 1; below < heading.lines; below++) {
        lines.push({ number: index + 1 + below, text: raw[index + below] ?? "", kind: "heading", heading: null });
      }
      index += heading.lines - 1;
    }
  }
  return lines;
}

function markFences(raw: readonly string[], kinds: LineKind[], from: number): void {
  let open: string | null = null;
  for (let index = from; index < raw.length; index++) {
    const match = FENCE.exec(raw[index] ?? "");
    const marker = match?.[1] ?? null;
    const rest = (match?.[2] ?? "").trim();
    if (open !== null) {
      kinds[index] = "fenced";
      if (marker?.startsWith(open) === true && rest === "") open = null;
    } else if (marker !== null && !(marker.startsWith("`") && rest.includes("`"))) {
      kinds[index] = "fenced";
      open = marker;
    }
  }
}

function markTables(raw: readonly string[], kinds: LineKind[], from: number): void {
  for (let index = from + 1; index < raw.length; index++) {
    const head = raw[index - 1] ?? "";
    const rule = raw[index] ?? "";
    const isRule = kinds[index] === "text" && rule.includes("|") && TABLE_RULE.test(rule);
    if (!isRule || kinds[index - 1] !== "text" || !head.includes("|")) continue;
    kinds[index - 1] = "table";
    for (; index < raw.length && kinds[index] === "text"; index++) kinds[index] = "table";
  }
}

function headingAt(
  raw: readonly string[],
  kinds: readonly LineKind[],
  index: number,
): { level: number; title: string; lines: number } | null {
  const text = raw[index] ?? "";
  const atx = ATX.exec(text);
  if (atx !== null) return { level: atx[1]?.length ?? 1, title: (atx[2] ?? "").trim(), lines: 1 };
  const under = kinds[index + 1] === "text" ? SETEXT.exec(raw[index + 1] ?? "") : null;
  const startsParagraph = index === 0 || kinds[index - 1] !== "text" || ATX.test(raw[index - 1] ?? "");
  if (under === null || !startsParagraph || NOT_A_TITLE.test(text) || SETEXT.test(text)) return null;
  return { level: under[1]?.startsWith("=") === true ? 1 : 2, title: text.replace("\uFEFF", "").trim(), lines: 2 };
}
