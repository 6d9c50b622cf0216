import { describe, expect, it } from "vitest";
import { linksOf, pageFile, rewritePage, rewriteSheet } from "./rewrite.ts";

const kept = new Set(["/", "/board", "/tasks/65"]);
const page = (html: string, file = "tasks/65/index.html") => rewritePage(html, { file, kept, banner: "an <archive>" });

describe("a page of the archive", () => {
  it("lies in a folder of its own, whatever its query says", () => {
    expect([pageFile("/"), pageFile("/tasks/65?theme=console"), pageFile("/board#done")]).toEqual([
      "index.html",
      "tasks/65/index.html",
      "board/index.html",
    ]);
  });

  it("reaches other pages and its assets from where it lies", () => {
    expect(page('<a href="/board?theme=paper#done">x</a>')).toBe('<a href="../../board/index.html#done">x</a>');
    expect(page('<link rel="stylesheet" href="/_next/static/css/a.css"/>')).toContain('href="../../assets/css/a.css"');
  });

  it("takes out links that lead nowhere, and every script and form", () => {
    expect(page('<a class="b" href="/tasks/66">x</a>')).toBe('<a class="b">x</a>');
    expect(page('<script nonce="n">alert(1)</script><form action="/list"><input name="q"/></form>y')).toBe("y");
  });

  it("says that it is an archive, as text", () => {
    expect(page("<body class='x'>y")).toContain("an &lt;archive&gt;");
  });

  it("leaves addresses of other sites and fragments as they are", () => {
    const html = '<a href="#main">a</a><a href="https://other.example/">b</a>';
    expect(page(html)).toBe(html);
  });
});

it("finds pages and assets, and neither scripts nor machine routes among them", () => {
  const html =
    '<a href="/tasks/65?theme=x#top"></a><a href="/feed.xml"></a><a href="/api/stream"></a><script src="/_next/static/a.js"></script><link href="/_next/static/a.css"/>';
  expect(linksOf(html)).toEqual({ pages: ["/tasks/65"], assets: ["/_next/static/a.css"] });
});

it("finds the fonts of a style sheet and points to them from its own file", () => {
  const { css, assets } = rewriteSheet("@font-face{src:url(../media/f.woff2)}", "/_next/static/css/a.css");
  expect(assets).toEqual(["/_next/static/media/f.woff2"]);
  expect(css).toBe('@font-face{src:url("../../assets/media/f.woff2")}');
});
