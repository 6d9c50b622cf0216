/** What every page knows about its request: the chosen theme, links that keep it, brand and build. */
import { headers } from "next/headers";
import { cache } from "react";
import { type PageSettings, pageSettings } from "./env.ts";
import { type Profile, readProfile } from "./profile.ts";
import { AT_HEADER, KIOSK_HEADER, NONCE_HEADER, THEME_HEADER } from "./request-headers.ts";
import { type Link, linkWith, parseTheme, type Theme } from "./view/links.ts";

export interface PageContext {
  /** Null: the page follows the system. */
  readonly theme: Theme | null;
  readonly to: Link;
  /** `?at=` as it was sent: the page shows the board as it was. Null: now. */
  readonly at: string | null;
  readonly nonce: string;
  /** For a wall: larger, without menus. */
  readonly isKiosk: boolean;
  readonly profile: Profile;
  readonly settings: PageSettings;
}

/** The same object for everything that renders one request. */
export const pageContext = cache(async (): Promise<PageContext> => {
  const request = await headers();
  const theme = parseTheme(request.get(THEME_HEADER));
  const at = request.get(AT_HEADER);
  return {
    theme,
    to: linkWith(theme, at),
    at,
    isKiosk: request.get(KIOSK_HEADER) === "1",
    nonce: request.get(NONCE_HEADER) ?? "",
    profile: await readProfile(),
    settings: pageSettings(),
  };
});
