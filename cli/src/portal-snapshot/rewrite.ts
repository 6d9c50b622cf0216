/** Turns a page of the portal into one that opens from a folder: no script, every link and asset relative. Pure. */

/** "/tasks/65?theme=console" → "tasks/65/index.html"; the query is dropped: an archive has one state. */
export function pageFile(path: string): string {
  const clean = pathnameOf(path).replace(/^\/+|\/+$/g, "");
  return clean === "" ? "index.html" : `${clean}/index.html`;
}

/** "/_next/static/css/a.css" → "assets/css/a.css" */
export function assetFile(path: string): string {
  return `assets/${pathnameOf(path)
    .replace(/^\/_next\/static\//, "")
    .replace(/^\/+/, "")}`;
}

export function pathnameOf(path: string): string {
  return path.replace(/[?#].*$/s, "");
}

const isAsset = (path: string) => path.startsWith("/_next/static/") || /^\/icon\.svg/.test(path);

/** Addresses that are no page of the archive. */
const NO_PAGE = /^\/(api|_next|\.well-known|healthz|embed|unavailable)(\/|$)|\.(xml|atom|csv|json|svg)$/;

export function isPage(path: string): boolean {
  return path.startsWith("/") && !path.startsWith("//") && !NO_PAGE.test(pathnameOf(path));
}

export interface Links {
  /** Paths of pages, without query and fragment. */
  readonly pages: readonly string[];
  readonly assets: readonly string[];
}

const ATTRIBUTE = /\s(href|src)="([^"]*)"/g;

export function linksOf(html: string): Links {
  const pages = new Set<string>();
  const assets = new Set<string>();
  for (const [, , raw = ""] of html.matchAll(ATTRIBUTE)) {
    const path = raw.replaceAll("&amp;", "&");
    if (isAsset(path)) {
      if (!path.endsWith(".js")) assets.add(path);
    } else if (isPage(path)) pages.add(pathnameOf(path));
  }
  return { pages: [...pages], assets: [...assets] };
}

export interface RewriteOptions {
  /** File of this page inside the archive. */
  readonly file: string;
  /** Pages that the archive holds. A link to any other leads nowhere and is taken out. */
  readonly kept: ReadonlySet<string>;
  /** Words that stand at the top of every page. */
  readonly banner: string;
}

export function rewritePage(html: string, { file, kept, banner }: RewriteOptions): string {
  const up = "../".repeat(file.split("/").length - 1);
  return html
    .replace(/<script\b[^>]*>[\s\S]*?<\/script>/gi, "")
    .replace(/<link\b[^>]*\bas="script"[^>]*>/gi, "")
    .replace(/<meta http-equiv="refresh"[^>]*>/gi, "")
    .replace(ATTRIBUTE, (whole, name: string, raw: string) => {
      const path = raw.replaceAll("&amp;", "&");
      if (isAsset(path)) return ` ${name}="${up}${assetFile(path)}"`;
      if (!path.startsWith("/")) return whole;
      if (!isPage(path) || !kept.has(pathnameOf(path))) return "";
      const fragment = path.includes("#") ? path.slice(path.indexOf("#")) : "";
      return ` ${name}="${up}${pageFile(path)}${fragment}"`;
    })
    .replace(/<form\b[\s\S]*?<\/form>/gi, "")
    .replace(/(<body[^>]*>)/i, `$1<p class="archive">${escapeHtml(banner)}</p>`);
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
