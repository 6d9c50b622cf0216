import { describe, expect, it } from "vitest";
import { escapeXml, type Feed, feedTag, toAtom, toRss } from "./feed.ts";

const feed: Feed = {
  title: "Receipts",
  description: "What was caught",
  origin: "https://board.example",
  tag: feedTag("0b1f6a52-6c1e-4f0e-9d51-3d5a6f3f7a01", 2),
  path: "/receipts",
  self: "/receipts/feed.xml",
  readAt: new Date("2026-11-22T12:00:00Z"),
  items: [
    {
      path: "/receipts/3",
      row: "/receipts/3",
      title: "<script>alert(1)</script> & co",
      text: 'said "no" \u0000\u0007',
      at: new Date("2026-11-22T10:00:00Z"),
      author: "a08",
    },
  ],
};

describe.each([
  ["RSS", toRss],
  ["Atom", toAtom],
])("%s", (_name, write) => {
  it("escapes what agents wrote and drops what XML forbids", () => {
    const xml = write(feed);
    expect(xml).not.toContain("<script>");
    expect(xml).toContain("&lt;script&gt;");
    expect(xml.includes("\u0000") || xml.includes("\u0007")).toBe(false);
  });

  it("gives each item an address on this site", () => {
    expect(write(feed)).toContain("https://board.example/receipts/3");
  });

  it("names each item for ever, under whatever name the site was reached", () => {
    const ids = (xml: string) => [...xml.matchAll(/<(?:guid isPermaLink="false"|id)>([^<]+)</g)].map(([, id]) => id);
    const other = write({ ...feed, origin: "http://10.0.0.7:3000" });
    expect(ids(write(feed))).toContain("tag:muster.invalid,2026:0b1f6a52-6c1e-4f0e-9d51-3d5a6f3f7a01/2/receipts/3");
    expect(ids(other)).toEqual(ids(write(feed)));
    const restored = write({ ...feed, tag: feedTag("0b1f6a52-6c1e-4f0e-9d51-3d5a6f3f7a01", 3) });
    expect(ids(restored).filter((id) => ids(write(feed)).includes(id))).toEqual([]);
  });

  it("stands without a single item", () => {
    expect(write({ ...feed, items: [] })).toContain("Receipts");
  });
});

it("escapes quotes, so that an address may stand in an attribute", () => {
  expect(escapeXml(`a"b'c`)).toBe("a&quot;b&apos;c");
});
