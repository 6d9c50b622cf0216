import { describe, expect, it } from "vitest";
import { linksOf, rewritePage, rewriteSheet } from "./rewrite.ts";

const kept = new Set(["/", "/board", "/tasks/65", "/list", "/list?page=2"]);
const page = (html: string, file = "tasks/65/index.html") => rewritePage(html, { file, kept, banner: "an <archive>" });

describe("a page of the archive", () => {
  it("reaches other pages and its assets from where it lies", () => {
    expect(page('<a href="/board?at=abc&amp;theme=paper#done">x</a>')).toBe(
      '<a href="../../board/index.html#done">x</a>',
    );
    expect(page('<a rel="next" href="/list?page=2&amp;at=abc">x</a>')).toBe(
      '<a rel="next" href="../../list/page-2/index.html">x</a>',
    );
    expect(page('<link rel="stylesheet" href="/_next/static/css/a.css"/>')).toContain('href="../../assets/css/a.css"');
  });

  it("takes out links that lead nowhere, and those that would lead to the page without its filter", () => {
    expect(page('<a class="b" href="/tasks/66">x</a>')).toBe('<a class="b">x</a>');
    expect(page('<a href="/board?phase=P0&amp;at=abc">x</a>')).toBe("<a>x</a>");
  });

  it("takes out every script and form, menus of filters, and the way to other instants", () => {
    expect(page('<script nonce="n">alert(1)</script><form action="/list"><input name="q"/></form>y')).toBe("y");
    expect(page('<details class="menu" name="facet"><summary>Phase</summary><ul></ul></details>y')).toBe("y");
    expect(page('<aside class="replay" aria-label="Replay"><p>Replay.</p></aside>y')).toBe("y");
  });

  it("lets no ember glow, in picture and in words", () => {
    const ember = '<svg class="ember is-fresh m" aria-label="Live claim: held by a01"></svg>';
    expect(page(ember)).toBe('<svg class="ember is-unknown m" aria-label="Unknown claim: held by a01"></svg>');
    expect(page('<li class="claim is-cooling">x</li>')).toBe('<li class="claim is-unknown">x</li>');
    expect(page('<path class="mark-top" d="M0"></path>')).toBe('<path class="mark-top is-hollow" d="M0"></path>');
    expect(page('<li class="claim is-cold">is-fresh</li>')).toBe('<li class="claim is-cold">is-fresh</li>');
  });

  it("says that it is an archive, as text", () => {
    expect(page("<body class='x'>y")).toContain("an &lt;archive&gt;");
  });

  it("leaves addresses of other sites and fragments as they are", () => {
    const html = '<a href="#main">a</a><a href="https://other.example/">b</a>';
    expect(page(html)).toBe(html);
  });
});

it("finds pages, the next page of a list and assets; no filters, scripts or machine routes among them", () => {
  const html =
    '<a href="/tasks/65?theme=x#top"></a><a href="/board?phase=P0"></a><a class="btn" rel="next" href="/list?page=2&amp;at=a"></a>' +
    '<a href="/feed.xml"></a><a href="/api/stream"></a><script src="/_next/static/a.js"></script><link href="/_next/static/a.css"/>';
  expect(linksOf(html)).toEqual({ pages: ["/tasks/65", "/list?page=2"], assets: ["/_next/static/a.css"] });
});

it("finds the fonts of a style sheet and points to them from its own file", () => {
  const { css, assets } = rewriteSheet("@font-face{src:url(../media/f.woff2)}", "/_next/static/css/a.css");
  expect(assets).toEqual(["/_next/static/media/f.woff2"]);
  expect(css).toBe('@font-face{src:url("../../assets/media/f.woff2")}');
});
