/** What the command menu offers for what was typed. Pure, and never more than a screen. */
import { PLACES, type Place } from "./places.ts";

export interface Choice {
  readonly word: string;
  readonly says: string;
  readonly path: string;
}

const MOST = 16;

/** @param hidden keys of views that this portal does not have */
export function choicesFor(typed: string, hidden: readonly string[] = []): readonly Choice[] {
  const words = typed.trim();
  const places: readonly Place[] = PLACES.filter(({ key }) => !hidden.includes(key));
  if (words === "") return places.map(({ word, says, path }) => ({ word, says, path }));
  const lower = words.toLowerCase();
  const views = places
    .filter(({ word, says }) => word.toLowerCase().startsWith(lower) || `${word} ${says}`.toLowerCase().includes(lower))
    .map(({ word, says, path }) => ({ word, says, path }))
    .toSorted((a, b) => rank(a, lower) - rank(b, lower));
  const rows = numbered(lower).filter(({ path }) => !(hidden.includes("receipts") && path.startsWith("/receipts/")));
  return [...rows, ...views, ...searches(words)].slice(0, MOST);
}

const rank = ({ word }: Choice, lower: string) => (word.toLowerCase().startsWith(lower) ? 0 : 1);

function numbered(lower: string): readonly Choice[] {
  const [, mark = "", digits] = /^(#|r-?)?0*([1-9][0-9]{0,8})$/.exec(lower) ?? [];
  if (digits === undefined) return [];
  const task = { word: `Task #${digits}`, says: "its claims, verdicts and notes", path: `/tasks/${digits}` };
  const receipt = { word: `Receipt r-${digits.padStart(4, "0")}`, says: "six steps", path: `/receipts/${digits}` };
  if (mark === "#") return [task];
  return mark === "" ? [task, receipt] : [receipt];
}

function searches(words: string): readonly Choice[] {
  const encoded = encodeURIComponent(words);
  return [
    { word: `Tasks with “${words}”`, says: "in title or description", path: `/list?q=${encoded}` },
    { word: `Memory on “${words}”`, says: "lessons and log", path: `/memory?q=${encoded}` },
  ];
}
