import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import type { Receipt } from "../../data/receipts.ts";
import { Walk } from "./walk.tsx";

const now = new Date("2026-11-22T12:00:00Z");
const draw = (repository: string | null) => {
  const row = { fix_commit: "3f9c1e2", steps: [], issued_at: now, symptom: "Green.", repository_url: repository };
  return renderToStaticMarkup(createElement(Walk, { receipt: row as unknown as Receipt, now }));
};

test("the fix commit leads to where it lies, and can be copied", () => {
  const html = draw("https://git.example/open-api.git");
  expect(html).toContain('href="https://git.example/open-api/commit/3f9c1e2"');
  expect(html).toContain('data-copy="3f9c1e2"');
});

test.each([null, "git@git.example:open-api.git", "javascript:alert(1)"])(
  "the fix commit of a repository at %s can be copied and leads nowhere",
  (repository) => {
    const html = draw(repository);
    expect(html).toContain('data-copy="3f9c1e2"');
    expect(html).not.toContain("<a ");
  },
);
