import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";
import { linkWith } from "../view/links.ts";
import { parseListFilter } from "../view/list-filter.ts";
import { ListBar } from "./list/bar.tsx";
import { AskEntry } from "./memory/ask.tsx";

const AT = "2026-11-22T19:41:00Z";
const past = { to: linkWith("paper", AT), theme: "paper", at: AT } as const;
const now = { to: linkWith(null, null), theme: null, at: null } as const;
const FIELD = `<input type="hidden" name="at" value="${AT}"/>`;

const list = (context: typeof past | typeof now) =>
  renderToStaticMarkup(
    createElement(ListBar, {
      filter: parseListFilter({ status: "ready", page: "3" }),
      values: [],
      matching: 3,
      context,
    }),
  );

it("in a replay exports and the words to find stay at its instant", () => {
  const markup = list(past);
  expect(markup).toContain(`href="/list.csv?status=ready&amp;at=${encodeURIComponent(AT)}"`);
  expect(markup).toContain(`href="/list.json?status=ready&amp;at=${encodeURIComponent(AT)}"`);
  expect(markup).toContain(FIELD);
});

it("outside of one nothing names an instant", () => {
  expect(list(now)).not.toContain("at=");
  expect(list(now)).not.toContain('name="at"');
});

it("memory stays in the replay, and says that search has no past", () => {
  const asked = renderToStaticMarkup(createElement(AskEntry, { context: past, query: "port" }));
  expect(asked).toContain(FIELD);
  expect(asked).toContain("Search has no past.");
  const present = renderToStaticMarkup(createElement(AskEntry, { context: now, query: null }));
  expect(present).not.toMatch(/no past|name="at"/);
});
