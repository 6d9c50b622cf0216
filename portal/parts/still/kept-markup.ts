/**
 * Children on their way from where a page is composed to where its HTML is written. In Next these are two bundles of one process, and what goes
 * from one to the other goes to the browser, too; what is kept here does not.
 */
import type { ReactNode } from "react";

const SLOT: unique symbol = Symbol.for("muster.portal.kept-markup");
const slots: typeof globalThis & { [SLOT]?: Map<string, ReactNode> } = globalThis;

export function keepMarkup(key: string, markup: ReactNode): void {
  slots[SLOT] ??= new Map();
  slots[SLOT].set(key, markup ?? null);
}

/** Undefined in a browser, and after the answer. */
export function keptMarkup(key: string): ReactNode {
  return slots[SLOT]?.get(key);
}

export function dropMarkup(key: string): void {
  slots[SLOT]?.delete(key);
}
