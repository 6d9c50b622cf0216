import { expect, test } from "vitest";
import { hasFeature, type Profile, themeSheet } from "./profile.ts";

const PROFILE: Profile = {
  name: "generic",
  brand: { name: "Muster", org: "Demo Co", tagline: "" },
  theme: { paper: {}, console: {} },
  features: { receipts: false },
};

const sheetOf = (paper: Record<string, string>, dark: Record<string, string>) =>
  themeSheet({ ...PROFILE, theme: { paper, console: dark } });

test("a profile without tokens writes no style sheet", () => {
  expect(themeSheet(PROFILE)).toBe("");
});

test("a token of both themes follows the page's colour scheme", () => {
  expect(sheetOf({ pine: "#27483F" }, { pine: "#B4CFB4" })).toBe(":root:root{--pine:light-dark(#27483F,#B4CFB4)}");
});

test("a token of one theme leaves the other theme alone", () => {
  expect(sheetOf({ "pine-wash": "#E6E4D2" }, {})).toBe(
    '@media (prefers-color-scheme:light){:root:not([data-theme]){--pine-wash:#E6E4D2}}:root[data-theme="paper"]{--pine-wash:#E6E4D2}',
  );
});

test("a feature is on unless the profile turns it off", () => {
  expect([hasFeature(PROFILE, "receipts"), hasFeature(PROFILE, "costs")]).toEqual([false, true]);
});
