import { expect, test } from "vitest";
import { isCurrent, phaseOf, SILENCE_MS, type StreamFacts } from "./phase.ts";

const NOW = 1_000_000;
const facts = (change: Partial<StreamFacts> = {}): StreamFacts => ({
  ...{ isPaused: false, hasView: true, link: "open", heardAt: NOW - 1_000, lostAt: NOW - 60_000, board: "live" },
  ...change,
});

test.each<[string, Partial<StreamFacts>, string]>([
  ["an open stream that spoke a second ago is live", {}, "live"],
  ["an open stream that never spoke is stale", { heardAt: null }, "stale"],
  ["a page without a stream stands still", { link: "none" }, "still"],
  [
    "a stream that was never open yet is connecting",
    { link: "opening", heardAt: null, lostAt: NOW - 100 },
    "connecting",
  ],
  ["a blink of the line is no word worth", { link: "closed", lostAt: NOW - 1_000 }, "live"],
  ["a line that stays away is offline", { link: "closed", lostAt: NOW - 2_000 }, "offline"],
  ["trying again is still offline", { link: "opening", lostAt: NOW - 20_000 }, "offline"],
  ["a paused page says so", { isPaused: true }, "paused"],
  ["an outage of the database counts more than a pause", { isPaused: true, board: "database_down" }, "database_down"],
  ["silence counts more than a pause", { isPaused: true, heardAt: NOW - SILENCE_MS }, "stale"],
  ["a page whose changes the stream does not bring stands still", { hasView: false }, "still"],
  ["a blink of the line makes no such page live", { hasView: false, link: "closed", lostAt: NOW - 1_000 }, "still"],
  ["a blink of the line ends no pause", { isPaused: true, link: "opening", lostAt: NOW - 1_000 }, "paused"],
  ["a blink of the line ends no outage", { board: "database_down", link: "opening", lostAt: NOW }, "database_down"],
  [
    "opening a silent stream anew makes it no livelier",
    { link: "opening", heardAt: NOW - 27_000, lostAt: NOW },
    "stale",
  ],
  ["a held horizon has its name", { board: "held" }, "held"],
  ["a reader that is behind has its name", { board: "catching_up" }, "catching_up"],
])("%s", (_, change, phase) => {
  expect(phaseOf(facts(change), NOW)).toBe(phase);
});

test("a page never says live after 35 s of silence, whatever the link believes", () => {
  for (const link of ["opening", "open", "closed"] as const) {
    for (const board of ["live", "held", "catching_up", "starting"] as const) {
      for (const lostAt of [NOW - 35_000, NOW - 500]) {
        const phase = phaseOf(facts({ link, board, heardAt: NOW - 35_000, lostAt }), NOW);
        expect(isCurrent(phase), `${link} ${board}`).toBe(false);
      }
    }
  }
});

test("no ember glows on a page that stands still", () => {
  expect(isCurrent(phaseOf(facts({ hasView: false }), NOW))).toBe(false);
});
