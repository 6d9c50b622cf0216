/**
 * The parts of a page that change by themselves. An element with `data-live="key"` is a region; regions may lie in one another.
 * Reads HTML that React wrote: attributes are quoted, `<` and `>` in text and attributes are escaped, elements are closed.
 */

/** Region by key: `own` is its markup with the inner regions cut out, `html` the whole. */
export interface Region {
  readonly own: string;
  readonly html: string;
  /** The region around it; null for an outermost one. */
  readonly parent: string | null;
}
export type Regions = ReadonlyMap<string, Region>;

const TAG = /<(\/?)([a-z][a-z0-9-]*)((?:\s+[^\s=>/]+(?:="[^"]*")?)*)\s*(\/?)>/gi;
const KEY = /\sdata-live="([^"]+)"/;
const VOID = new Set([
  "area",
  "base",
  "br",
  "col",
  "embed",
  "hr",
  "img",
  "input",
  "link",
  "meta",
  "source",
  "track",
  "wbr",
]);

interface Open {
  readonly tag: string;
  readonly key: string | null;
  readonly start: number;
  own: string;
  from: number;
}

export function extractRegions(page: string): Regions {
  const regions = new Map<string, Region>();
  const stack: Open[] = [];
  // The page's data for scripts follows the body's content and holds text that looks like markup.
  const html = page.replace(/<(script|style|template)\b[^>]*>[\s\S]*?<\/\1>/gi, "");
  for (const match of html.matchAll(TAG)) {
    const [whole, slash = "", name = "", attributes = "", selfClosing = ""] = match;
    const tag = name.toLowerCase();
    const end = match.index + whole.length;
    if (slash !== "") {
      closeTag(html, tag, end, stack, regions);
    } else if (selfClosing === "" && !VOID.has(tag)) {
      const key = KEY.exec(attributes)?.[1] ?? null;
      stack.push({ tag, key, start: match.index, own: "", from: match.index });
    }
  }
  return regions;
}

function closeTag(html: string, tag: string, end: number, stack: Open[], regions: Map<string, Region>): void {
  const top = stack.findLastIndex((open) => open.tag === tag);
  if (top < 0) return;
  const closed = stack[top];
  stack.length = top;
  if (closed?.key == null) return;
  const around = stack.findLast((open) => open.key !== null) ?? null;
  regions.set(closed.key, {
    own: closed.own + html.slice(closed.from, end),
    html: html.slice(closed.start, end),
    parent: around?.key ?? null,
  });
  if (around === null) return;
  around.own += `${html.slice(around.from, closed.start)}\u0000${closed.key}\u0000`;
  around.from = end;
}

/** What to send to a reader who has `before`: the smallest regions that cover every change, outer ones first. Null: everything changed. */
export function changedRegions(before: Regions, after: Regions): Readonly<Record<string, string>> {
  const changed: Record<string, string> = {};
  const isCovered = (key: string | null): boolean =>
    key !== null && (key in changed || isCovered(after.get(key)?.parent ?? null));
  // Outer regions stand later than their inner ones: they end later.
  for (const [key, region] of [...after].reverse()) {
    const old = before.get(key);
    if (old?.own !== region.own && !isCovered(region.parent)) changed[key] = region.html;
  }
  return changed;
}

export function outermostRegions(regions: Regions): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...regions].filter(([, { parent }]) => parent === null).map(([key, { html }]) => [key, html]),
  );
}
