/** What only the operator is told: a line in the log of this process (`elk-os logs portal`). A reader sees the fact without its details. */

/** proxy.ts and the pages are separate bundles of one process; a global symbol lets them share what was told. */
const SLOT: unique symbol = Symbol.for("muster.portal.operator-log");
const slots: typeof globalThis & { [SLOT]?: string | null } = globalThis;

/** Writes a line when it says something else than the one before; null: all is well again, so that the same line is news. */
export function tellOperator(line: string | null): void {
  if (line !== null && slots[SLOT] !== line) process.stderr.write(`${new Date().toISOString()} ${line}\n`);
  slots[SLOT] = line;
}
