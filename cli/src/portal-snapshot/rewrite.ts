/** Turns a page of the portal into one that opens from a folder: no script, every link and asset relative. Pure. */
import { pageFile, pageKey, pathnameOf } from "./page-key.ts";

/** "/_next/static/css/a.css" → "assets/css/a.css" */
export function assetFile(path: string): string {
  return `assets/${pathnameOf(path)
    .replace(/^\/_next\/static\//, "")
    .replace(/^\/+/, "")}`;
}

const isAsset = (path: string) => path.startsWith("/_next/static/") || /^\/icon\.svg/.test(path);

export interface Links {
  /** Keys of pages: those without a query, and the next page of a list that goes on. Filters and other variants are none. */
  readonly pages: readonly string[];
  readonly assets: readonly string[];
}

const ATTRIBUTE = /\s(href|src)="([^"]*)"/g;
const TAG = /<[a-z][^>]*>/gi;
const unescapeHtml = (text: string) => text.replaceAll("&amp;", "&");

export function linksOf(html: string): Links {
  const pages = new Set<string>();
  const assets = new Set<string>();
  for (const [tag] of html.matchAll(TAG)) {
    for (const [, , raw = ""] of tag.matchAll(ATTRIBUTE)) {
      const path = unescapeHtml(raw);
      const key = pageKey(path);
      if (isAsset(path)) {
        if (!path.endsWith(".js")) assets.add(path);
      } else if (key !== null && (!key.includes("?") || /\srel="next"/.test(tag))) pages.add(key);
    }
  }
  return { pages: [...pages], assets: [...assets] };
}

export interface RewriteOptions {
  /** File of this page inside the archive. */
  readonly file: string;
  /** Keys of the pages that the archive holds. A link to any other leads nowhere and is taken out. */
  readonly kept: ReadonlySet<string>;
  /** Words that stand at the top of every page. */
  readonly banner: string;
}

export function rewritePage(html: string, { file, kept, banner }: RewriteOptions): string {
  const up = "../".repeat(file.split("/").length - 1);
  return coolEmbers(withoutControls(html))
    .replace(ATTRIBUTE, (whole, name: string, raw: string) => {
      const path = unescapeHtml(raw);
      if (isAsset(path)) return ` ${name}="${up}${assetFile(path)}"`;
      if (!path.startsWith("/")) return whole;
      const key = pageKey(path);
      if (key === null || !kept.has(key)) return "";
      const fragment = path.includes("#") ? path.slice(path.indexOf("#")) : "";
      return ` ${name}="${up}${pageFile(key)}${fragment}"`;
    })
    .replace(/(<body[^>]*>)/i, `$1<p class="archive">${escapeHtml(banner)}</p>`);
}

/** What an archive cannot do: run scripts, ask again, filter, search, change its dress, and go to another instant. */
function withoutControls(html: string): string {
  return html
    .replace(/<script\b[^>]*>[\s\S]*?<\/script>/gi, "")
    .replace(/<link\b[^>]*\bas="script"[^>]*>/gi, "")
    .replace(/<meta http-equiv="refresh"[^>]*>/gi, "")
    .replace(/<aside class="replay"[\s\S]*?<\/aside>/gi, "")
    .replace(/<details class="menu"[\s\S]*?<\/details>/gi, "")
    .replace(/<form\b[\s\S]*?<\/form>/gi, "");
}

const ALIVE = /(?<![\w-])is-(fresh|cooling)(?![\w-])/g;

/** Ember means alive right now; of an archive nobody knows. */
function coolEmbers(html: string): string {
  return html
    .replace(/\sclass="([^"]*)"/g, (_whole, classes: string) => {
      const cooled = classes.replace(ALIVE, "is-unknown");
      return ` class="${cooled === "mark-top" ? "mark-top is-hollow" : cooled}"`;
    })
    .replace(/\saria-label="(Live|Cooling) (claim|review):/g, ' aria-label="Unknown $2:');
}

/** Addresses inside a style sheet, and the sheet with them relative to its own file. */
export function rewriteSheet(css: string, sheet: string): { readonly css: string; readonly assets: readonly string[] } {
  const assets: string[] = [];
  const base = new URL(pathnameOf(sheet), "http://portal.invalid");
  const up = "../".repeat(assetFile(sheet).split("/").length - 1);
  const rewritten = css.replace(/url\((["']?)([^"')]+)\1\)/g, (whole, _quote: string, address: string) => {
    if (address.startsWith("data:") || address.startsWith("#")) return whole;
    const path = new URL(address, base).pathname;
    assets.push(path);
    return `url("${up}${assetFile(path)}")`;
  });
  return { css: rewritten, assets };
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
