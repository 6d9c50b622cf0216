import { expect, test } from "vitest";
import { changedRegions, extractRegions, outermostRegions } from "./regions.ts";

const page = (say: string, claims: string, nav = "3") => `<!DOCTYPE html><html><body>
<nav data-live="nav"><a href="/?a=1&amp;b=2">Board<span>${nav}</span></a></nav>
<main id="main" data-live="main"><section data-live="say"><h1>${say}</h1><br/><img src="x"></section>
<p>between</p><section class="entry" data-live="alive"><ul>${claims}</ul></section></main>
<script nonce="n">self.__next_f.push("<section data-live=\\"fake\\">")</script></body></html>`;

test("every marked element is a region, and text in scripts is none", () => {
  const regions = extractRegions(page("Nine work.", "<li>one</li>"));
  expect([...regions.keys()].sort()).toEqual(["alive", "main", "nav", "say"]);
  expect(regions.get("say")?.html).toBe('<section data-live="say"><h1>Nine work.</h1><br/><img src="x"></section>');
  expect(regions.get("say")?.parent).toBe("main");
});

test("a change within an inner region sends that region only", () => {
  const before = extractRegions(page("Nine work.", "<li>one</li>"));
  const after = extractRegions(page("Nine work.", "<li>one</li><li>two</li>"));
  expect(Object.keys(changedRegions(before, after))).toEqual(["alive"]);
});

test("a change around inner regions sends the outer one, once", () => {
  const before = extractRegions(page("Nine work.", "<li>one</li>"));
  const after = extractRegions(page("Ten work.", "<li>two</li>").replace("between", "among"));
  const changed = changedRegions(before, after);
  expect(Object.keys(changed)).toEqual(["main"]);
  expect(changed["main"]).toContain("Ten work.");
});

test("a region that is gone changes the one around it", () => {
  const before = extractRegions(page("Nine work.", ""));
  const after = extractRegions(page("Nine work.", "").replace(/<section class="entry".*?<\/section>/, ""));
  expect(Object.keys(changedRegions(before, after))).toEqual(["main"]);
});

test("nothing changed, nothing sent", () => {
  const regions = extractRegions(page("Nine work.", "<li>one</li>"));
  expect(changedRegions(regions, extractRegions(page("Nine work.", "<li>one</li>")))).toEqual({});
  expect(Object.keys(outermostRegions(regions)).sort()).toEqual(["main", "nav"]);
});

test("text that looks like markup stays text", () => {
  const regions = extractRegions(page("a &lt;/section&gt; &lt;b data-live=&quot;x&quot;&gt;", ""));
  expect([...regions.keys()].sort()).toEqual(["alive", "main", "nav", "say"]);
});
