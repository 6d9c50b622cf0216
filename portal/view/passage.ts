/** A passage of a file, flowing as wide as the reader's window: its lines were broken for whoever edits the file. Pure. */

/** What begins a line of its own: a heading, a list item, a quotation, a row of a table. */
const OWN_LINE = /^\s*([#>|]|[-*+] |\d{1,3}[.)] |:?-{3,})/;
const HEADING_OR_ROW = /^\s*[#|]/;
const FENCE = /^\s*(```|~~~)/;

/** Lines of one paragraph are one line; whatever has a shape of its own, code above all, keeps it. */
export function flowPassage(text: string): string {
  const flowing: string[] = [];
  let isCode = false;
  for (const line of text.split("\n")) {
    const last = flowing.at(-1);
    const isFence = FENCE.test(line);
    if (last !== undefined && !isCode && !isFence && goesOn(last, line)) {
      flowing[flowing.length - 1] = `${last.trimEnd()} ${line.trim()}`;
    } else flowing.push(line);
    if (isFence) isCode = !isCode;
  }
  return flowing.join("\n");
}

function goesOn(before: string, line: string): boolean {
  if (before.trim() === "" || line.trim() === "") return false;
  return !HEADING_OR_ROW.test(before) && !FENCE.test(before) && !OWN_LINE.test(line);
}
