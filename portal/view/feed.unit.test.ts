import { describe, expect, it } from "vitest";
import { escapeXml, type Feed, toAtom, toRss } from "./feed.ts";

const feed: Feed = {
  title: "Receipts",
  description: "What was caught",
  origin: "https://board.example",
  path: "/receipts",
  self: "/receipts/feed.xml",
  readAt: new Date("2026-11-22T12:00:00Z"),
  items: [
    {
      path: "/receipts/3",
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

  it("stands without a single item", () => {
    expect(write({ ...feed, items: [] })).toContain("Receipts");
  });
});

it("escapes quotes, so that an address may stand in an attribute", () => {
  expect(escapeXml(`a"b'c`)).toBe("a&quot;b&apos;c");
});
