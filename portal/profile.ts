/** Which story the portal tells: brand and theme come from one JSON file that is read at run time, so that one build serves all. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { pageSettings } from "./env.ts";

/** Names and colours go into a style sheet, so nothing else may stand in them. */
const Tokens = z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), z.string().regex(/^#[0-9A-Fa-f]{6}$/));

const Profile = z.object({
  name: z.string().min(1),
  brand: z.object({ name: z.string().min(1), org: z.string().min(1), tagline: z.string() }),
  theme: z.object({ paper: Tokens.default({}), console: Tokens.default({}) }).default({ paper: {}, console: {} }),
  features: z.record(z.string(), z.boolean()).default({}),
});
export type Profile = z.infer<typeof Profile>;

/** Shown when no profile file is named or readable: the portal still says what it is. */
const PLAIN: Profile = {
  name: "none",
  brand: { name: "Muster", org: "no profile", tagline: "A live, read-only view of a team of coding agents at work." },
  theme: { paper: {}, console: {} },
  features: {},
};

/** Read anew for every request: the file is small, and `elk-os` may replace it while we run. Never throws. */
export async function readProfile(): Promise<Profile> {
  const { profileFile } = pageSettings();
  if (profileFile === null) return PLAIN;
  try {
    return Profile.parse(JSON.parse(await readFile(profileFile, "utf8")));
  } catch {
    return PLAIN;
  }
}

/** A part of the portal is shown unless the profile turns it off. */
export function hasFeature(profile: Profile, feature: string): boolean {
  return profile.features[feature] ?? true;
}

/** The profile's own tokens as a style sheet over tokens.css; empty when it has none. Pure. */
export function themeSheet({ theme }: Profile): string {
  const names = [...new Set([...Object.keys(theme.paper), ...Object.keys(theme.console)])];
  if (names.length === 0) return "";
  const inBoth = names.flatMap((name) => {
    const paper = theme.paper[name];
    const dark = theme.console[name];
    return paper !== undefined && dark !== undefined ? [`--${name}:light-dark(${paper},${dark})`] : [];
  });
  const block = (selector: string, tokens: Readonly<Record<string, string>>) => {
    const own = Object.entries(tokens).filter(([name]) => !(name in theme.paper && name in theme.console));
    return own.length === 0 ? "" : `${selector}{${own.map(([name, colour]) => `--${name}:${colour}`).join(";")}}`;
  };
  const only = (scheme: string, attribute: string, tokens: Readonly<Record<string, string>>) => {
    const followed = block(":root:not([data-theme])", tokens);
    const chosen = block(`:root[data-theme="${attribute}"]`, tokens);
    return followed === "" ? "" : `@media (prefers-color-scheme:${scheme}){${followed}}${chosen}`;
  };
  const both = inBoth.length === 0 ? "" : `:root:root{${inBoth.join(";")}}`;
  return both + only("light", "paper", theme.paper) + only("dark", "console", theme.console);
}
