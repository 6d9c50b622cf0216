import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import type { Lease } from "../../data/leases.ts";
import { emberOf, type LeaseFacts } from "../../view/ember.ts";
import { AliveEntry } from "./alive.tsx";

const now = new Date("2026-11-22T12:00:00Z");
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);

/** A claim of 600 s. @param beat seconds since its last heartbeat @param change seconds since something changed */
function claim(task: number, beat: number, change: number): Lease {
  const facts: LeaseFacts = {
    ...{ task, epoch: 1, agent: "a01", leaseSeconds: 600 },
    kind: "work",
    ...{ heartbeatAt: ago(beat), expiresAt: ago(beat - 600) },
  };
  return {
    ...{ task, task_title: `Task ${task}`, epoch: 1, agent: "a01", model_family: "claude" },
    kind: "work",
    ...{ granted_at: ago(9_000), heartbeat_at: facts.heartbeatAt, expires_at: facts.expiresAt, lease_seconds: 600 },
    ...{ last_kind: "note_added", last_at: ago(change), ember: emberOf(facts, now) },
  };
}

const draw = (...leases: Lease[]) => {
  const counts = {
    held: leases.length,
    live: leases.length,
    cold: 0,
    agents: 1,
    on_tasks: 1,
    on_reviews: 0,
    cooling: 0,
  };
  return renderToStaticMarkup(createElement(AliveEntry, { leases, counts, now, to: (path: string) => path }));
};

test("a claim that beats and changes nothing is called slow, for as long as a live page counts", () => {
  const html = draw(claim(1, 5, 1_200));
  expect(html).toContain(`slow: no change for <span data-since="${ago(1_200).getTime()}" data-unit="age">20 m</span>`);
  expect(html).not.toContain("data-live-due");
});

test("one that changed a second later is not, and names the instant from which it will be", () => {
  const html = draw(claim(1, 5, 1_199), claim(2, 5, 60), claim(3, 5, 4_000));
  expect(html.match(/slow:/g)).toHaveLength(1);
  expect(html).toContain(`data-live-due="${now.getTime() + 1_000}"`);
});

test("silence is told before slowness", () => {
  const html = draw(claim(1, 400, 4_000));
  expect(html).toContain("silent since");
  expect(html).not.toContain("slow:");
});
