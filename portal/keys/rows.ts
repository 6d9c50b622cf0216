/** Moves from row to row of a page. A row is a link: Enter opens it, and the browser shows where the focus is. */
const ROW =
  "main .k-t a, main tbody th a, main .c-task > a, main .rcp .r-x > a, main .att a, main .chain-list a, main .ag-held a, main .lite a:last-child, main .tail .tid, .rail .nb a";
/** A check that was skipped is drawn as cold is, and is no problem. */
const PROBLEM =
  "main .is-cold, main .is-expired, main .d-red, main .d-expired, main .st-failed, main .st-blocked, main .st-cold:not(.d-skipped *)";

function rows(): readonly HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(ROW)].filter((row) => row.checkVisibility());
}

function focus(element: HTMLElement | undefined): void {
  element?.focus();
  element?.scrollIntoView({ block: "nearest" });
}

/** One row down or up from where the focus is; without a focus, the first or the last. */
export function stepRow(step: 1 | -1): void {
  const all = rows();
  const at = all.findIndex((row) => row === document.activeElement);
  focus(all[at === -1 ? (step === 1 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step))]);
}

/** The first row of the next column to the right or left of the board; rows elsewhere stand in one column. */
export function stepColumn(step: 1 | -1): void {
  const columns = [...document.querySelectorAll<HTMLElement>("main .kan section, main .lane .cell")]
    .map((column) => ({ column, first: rows().find((row) => column.contains(row)) }))
    .filter(({ first }) => first !== undefined);
  const at = columns.findIndex(({ column }) => column.contains(document.activeElement));
  const next = at === -1 ? (step === 1 ? 0 : columns.length - 1) : at + step;
  focus(columns[Math.min(columns.length - 1, Math.max(0, next))]?.first);
}

/** The next row that is cold, blocked, failed or red, after the focus and around the end. False when there is none. */
export function nextProblem(): boolean {
  const holders = [...document.querySelectorAll<HTMLElement>(PROBLEM)].filter((found) => found.checkVisibility());
  const links = holders.flatMap((found) => {
    const row = found.closest("li, tr, article") ?? found;
    const link =
      row.querySelector<HTMLElement>(ROW.replaceAll("main ", "")) ?? row.querySelector<HTMLElement>("a[href]");
    if (link !== null) return [link];
    if (!(row instanceof HTMLElement)) return [];
    row.tabIndex = -1;
    return [row];
  });
  const unique = [...new Set(links)];
  const at = unique.findIndex((link) => link === document.activeElement);
  focus(unique[(at + 1) % Math.max(1, unique.length)]);
  return unique.length > 0;
}
