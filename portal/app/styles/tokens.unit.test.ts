import { readFileSync } from "node:fs";
import {
  type Color,
  differenceCiede2000,
  filterDeficiencyDeuter,
  filterDeficiencyProt,
  filterDeficiencyTrit,
  parse,
  wcagContrast,
} from "culori";
import { describe, expect, it } from "vitest";

const sheet = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");

/** The value of a token in one theme, followed through `var()`. */
function colour(name: string, theme: 0 | 1): string {
  const value = new RegExp(`--${name}:\\s*([^;]+);`).exec(sheet)?.[1] ?? "";
  const other = /^var\(--([a-z-]+)\)$/.exec(value)?.[1];
  if (other !== undefined) return colour(other, theme);
  const pair = /^light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)$/.exec(value);
  const found = pair?.[theme + 1];
  if (found === undefined) throw new Error(`tokens.css says nothing of --${name} that can be measured: ${value}`);
  return found;
}

const STATES = ["queued", "ember-ink", "review", "blocked", "verified", "failed"] as const;
const GROUNDS = ["paper", "card", "alt"] as const;
const THEMES = [
  ["paper", 0],
  ["console", 1],
] as const;
type Filter = (colour: Color) => Color;

/** A colour as eyes see it that a filter stands for. */
const through = (filter: Filter) => (value: string) => {
  const parsed = parse(value);
  if (parsed === undefined) throw new Error(`${value} is no colour.`);
  return filter(parsed);
};
const EYES: readonly (readonly [string, (value: string) => Color])[] = [
  ["all cones", through((same) => same)],
  ["no red cones", through(filterDeficiencyProt(1))],
  ["no green cones", through(filterDeficiencyDeuter(1))],
  ["no blue cones", through(filterDeficiencyTrit(1))],
];

describe.each(THEMES)("the colours of %s", (_theme, at) => {
  it.each([...STATES, "ink", "soft", "quiet", "pine", "cold"])("let %s be read on every ground", (state) => {
    for (const ground of GROUNDS) {
      expect(wcagContrast(colour(state, at), colour(ground, at))).toBeGreaterThanOrEqual(4.5);
    }
  });

  it("let the outline of a control be seen", () => {
    for (const ground of ["paper", "card"] as const) {
      expect(wcagContrast(colour("edge", at), colour(ground, at))).toBeGreaterThanOrEqual(3);
    }
  });

  it.each(EYES)("keep the states apart for eyes with %s", (_eyes, see) => {
    const distance = differenceCiede2000();
    const close: string[] = [];
    for (const [first, one] of STATES.entries()) {
      for (const other of STATES.slice(first + 1)) {
        const apart = distance(see(colour(one, at)), see(colour(other, at)));
        if (apart < 10) close.push(`${one} and ${other}: ${apart.toFixed(1)}`);
      }
    }
    expect(close).toEqual([]);
  });
});

it("loads at most 90 KB of fonts", () => {
  const require = (name: string) => readFileSync(new URL(`../../../node_modules/${name}`, import.meta.url)).byteLength;
  const fonts = [
    ...readFileSync(new URL("../fonts.ts", import.meta.url), "utf8").matchAll(/node_modules\/([^"]+\.woff2)/g),
  ];
  const bytes = fonts.reduce((sum, [, name]) => sum + require(name ?? ""), 0);
  expect(fonts).toHaveLength(3);
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThanOrEqual(90 * 1024);
});
