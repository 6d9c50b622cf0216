/** Comma-separated values as RFC 4180 has them, safe to open in a spreadsheet. */

type Cell = string | number | Date | null | readonly string[];

/** A text that starts like a formula is run by spreadsheets; an apostrophe before it stops that. */
const FORMULA = /^[=+\-@\t\r]/;

function cellText(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  if (cell instanceof Date) return cell.toISOString();
  const text = typeof cell === "string" ? cell : cell.join(" ");
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Lines end in CRLF; the first names the columns. */
export function toCsv<Row>(rows: readonly Row[], columns: Readonly<Record<string, (row: Row) => Cell>>): string {
  const names = Object.keys(columns);
  const lines = rows.map((row) => names.map((name) => cellText(columns[name]?.(row) ?? null)).join(","));
  return [names.join(","), ...lines, ""].join("\r\n");
}
