/** RSS 2.0 and Atom of the same items. Pure; text is escaped, markup of agents stays text. */

export interface FeedItem {
  /** Path on this site. */
  readonly path: string;
  /** Path that names its row, whatever page shows it: with the feed's tag its lasting id. */
  readonly row: string;
  readonly title: string;
  readonly text: string;
  readonly at: Date;
  readonly author: string;
}

export interface Feed {
  readonly title: string;
  readonly description: string;
  /** "https://board.example": how this reader reached the site. Links start with it, ids do not. */
  readonly origin: string;
  /** What ids start with: the same under every name of the site, another after a restore. */
  readonly tag: string;
  /** Page that the feed belongs to. */
  readonly path: string;
  /** The feed's own address. */
  readonly self: string;
  readonly items: readonly FeedItem[];
  /** When the board was read. */
  readonly readAt: Date;
}

/** Characters that XML 1.0 allows in no form are left out. */
const FORBIDDEN = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;
const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

export function escapeXml(text: string): string {
  return text.replace(FORBIDDEN, "").replace(/[&<>"']/g, (letter) => ESCAPES[letter] ?? "");
}

const tag = (name: string, text: string) => `<${name}>${escapeXml(text)}</${name}>`;

/** A tag URI (RFC 4151). A restored board may number other rows alike, so that its incarnation belongs to the id. */
export function feedTag(instance: string, incarnation: number): string {
  return `tag:muster.invalid,2026:${instance}/${incarnation}`;
}

export function toRss({ title, description, origin, tag: tagOf, path, self, items, readAt }: Feed): string {
  const entries = items.map(
    (item) =>
      `<item>${tag("title", item.title)}${tag("link", origin + item.path)}<guid isPermaLink="false">${escapeXml(tagOf + item.row)}</guid>` +
      `${tag("pubDate", item.at.toUTCString())}${tag("dc:creator", item.author)}${tag("description", item.text)}</item>`,
  );
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>` +
    `${tag("title", title)}${tag("link", origin + path)}${tag("description", description)}` +
    `<atom:link href="${escapeXml(origin + self)}" rel="self" type="application/rss+xml"/>` +
    `${tag("lastBuildDate", readAt.toUTCString())}\n${entries.join("\n")}\n</channel></rss>\n`
  );
}

export function toAtom({ title, description, origin, tag: tagOf, path, self, items, readAt }: Feed): string {
  const entries = items.map(
    (item) =>
      `<entry>${tag("title", item.title)}<link href="${escapeXml(origin + item.path)}"/>${tag("id", tagOf + item.row)}` +
      `${tag("updated", item.at.toISOString())}<author>${tag("name", item.author)}</author>${tag("summary", item.text)}</entry>`,
  );
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">` +
    `${tag("title", title)}${tag("subtitle", description)}<link href="${escapeXml(origin + path)}"/>` +
    `<link rel="self" href="${escapeXml(origin + self)}"/>${tag("id", tagOf + self)}` +
    `${tag("updated", (items[0]?.at ?? readAt).toISOString())}\n${entries.join("\n")}\n</feed>\n`
  );
}
