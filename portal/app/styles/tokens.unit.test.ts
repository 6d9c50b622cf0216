import { readdirSync, readFileSync } from "node:fs";
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
import { parse as parseYaml } from "yaml";
import { z } from "zod";

const sheet = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");

const Tokens = z.record(z.string(), z.string());
const Manifest = z.looseObject({
  theme: z.object({ paper: Tokens.default({}), console: Tokens.default({}) }).optional(),
});

const profiles = new URL("../../../profiles/", import.meta.url);
/** Each profile with what it lays over the tokens, one record for each theme. */
const PROFILES = readdirSync(profiles).map((name) => {
  const { theme } = Manifest.parse(parseYaml(readFileSync(new URL(`${name}/profile.yaml`, profiles), "utf8")));
  return [name, [theme?.paper ?? {}, theme?.console ?? {}]] as const;
});

/** The value of a token in one theme, followed through `var()`; what a profile says goes over the sheet. */
function colourOf(name: string, theme: 0 | 1, own: Readonly<Record<string, string>>): string {
  if (own[name] !== undefined) return own[name];
  const value = new RegExp(`--${name}:\\s*([^;]+);`).exec(sheet)?.[1] ?? "";
  const other = /^var\(--([a-z-]+)\)$/.exec(value)?.[1];
  if (other !== undefined) return colourOf(other, theme, own);
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

const CASES = PROFILES.flatMap(([profile, own]) => THEMES.map(([theme, at]) => [profile, theme, at, own[at]] as const));

describe.each(CASES)("the colours of %s on %s", (_profile, _theme, at, own) => {
  const colour = (name: string) => colourOf(name, at, own ?? {});

  it("are named as the sheet names them, so that none is laid over nothing", () => {
    expect(Object.keys(own ?? {}).filter((name) => !sheet.includes(`--${name}:`))).toEqual([]);
  });

  it.each([...STATES, "ink", "soft", "quiet", "pine", "cold"])("let %s be read on every ground", (state) => {
    for (const ground of GROUNDS) {
      expect(wcagContrast(colour(state), colour(ground))).toBeGreaterThanOrEqual(4.5);
    }
  });

  it("let the outline of a control be seen", () => {
    for (const ground of ["paper", "card"] as const) {
      expect(wcagContrast(colour("edge"), colour(ground))).toBeGreaterThanOrEqual(3);
    }
  });

  it.each(EYES)("keep the states apart for eyes with %s", (_eyes, see) => {
    const distance = differenceCiede2000();
    const close: string[] = [];
    for (const [first, one] of STATES.entries()) {
      for (const other of STATES.slice(first + 1)) {
        const apart = distance(see(colour(one)), see(colour(other)));
        if (apart < 10) close.push(`${one} and ${other}: ${apart.toFixed(1)}`);
      }
    }
    expect(close).toEqual([]);
  });
});

it("there are profiles, and one of them has colours of its own", () => {
  expect(PROFILES.length).toBeGreaterThan(1);
  expect(PROFILES.filter(([, own]) => own.some((tokens) => Object.keys(tokens).length > 0)).length).toBeGreaterThan(0);
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
