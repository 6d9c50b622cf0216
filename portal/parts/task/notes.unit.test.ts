import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import type { Note } from "../../data/task.ts";
import { NotesEntry } from "./notes.tsx";

const now = new Date("2026-11-22T12:00:00Z");
const note: Note = {
  id: "00000000-0000-0000-0000-000000000001",
  agent: "a01",
  kind: "note",
  body: "Seen.",
  created_at: now,
};
const draw = (notes: readonly Note[], total: number, page: number) =>
  renderToStaticMarkup(
    createElement(NotesEntry, { notes, total, page, href: (to: number) => `/tasks/7?notes=${to}#notes`, now }),
  );

test("notes that do not fit on one page lead to the older ones, and back", () => {
  const html = draw([note], 130, 1);
  expect(html).toContain("1 of 130");
  expect(html).toContain('rel="next" href="/tasks/7?notes=2#notes"');
  expect(draw([note], 130, 2)).toContain('rel="prev" href="/tasks/7?notes=1#notes"');
});

test("notes that fit lead nowhere, and a page past the end says so", () => {
  expect(draw([note], 1, 1)).not.toContain("rel=");
  expect(draw([], 130, 9)).toContain("This page is past the end.");
  expect(draw([], 0, 1)).toContain("No note.");
});
