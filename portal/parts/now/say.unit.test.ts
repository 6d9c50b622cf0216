import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import type { NowFacts } from "../../data/now.ts";
import { SayEntry } from "./say.tsx";

const now = new Date("2026-11-22T12:00:00Z");
const COUNTS = { triage: 0, ready: 1, in_progress: 0, in_review: 0, blocked: 0, done: 1, cancelled: 0 };

const say = (lastEventAt: Date | null) => {
  const facts = {
    instance: { server_now: now, last_event_at: lastEventAt },
    counts: COUNTS,
    claims: { agents: 0, on_tasks: 0, on_reviews: 0, cold: 0 },
    waiting: { tasks: 0 },
  };
  return renderToStaticMarkup(
    createElement(SayEntry, { facts: facts as unknown as NowFacts, to: (path: string) => path }),
  );
};

test("the age of the newest event names the instant from which a live page counts on", () => {
  const at = new Date(now.getTime() - 3_000);
  expect(say(at)).toContain(`<span data-since="${at.getTime()}">3 s</span></a><span> ago.</span>`);
});

test("a board without an event counts from nothing", () => {
  expect(say(null)).not.toContain("data-since");
});
