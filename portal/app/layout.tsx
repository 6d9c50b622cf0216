import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import { Keyboard } from "../keys/keyboard.tsx";
import { pageContext } from "../page-context.ts";
import { Sprite } from "../parts/sprite.tsx";
import { hasFeature, themeSheet } from "../profile.ts";
import { hiddenPlaces } from "../shown-places.ts";
import { fontClasses } from "./fonts.ts";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/frame.css";
import "./styles/ember.css";
import "./styles/now.css";
import "./styles/board.css";
import "./styles/task.css";
import "./styles/receipt.css";
import "./styles/agents.css";
import "./styles/views.css";
import "./styles/timeline.css";
import "./styles/doctor.css";
import "./styles/palette.css";
import "./styles/embed.css";
import "./styles/print.css";

export async function generateMetadata(): Promise<Metadata> {
  const { profile, settings } = await pageContext();
  const hasReceipts = hasFeature(profile, "receipts");
  const site = `${profile.brand.name} · ${profile.brand.org}`;
  return {
    title: { template: `%s · ${site}`, default: site },
    description: profile.brand.tagline,
    alternates: {
      types: {
        "application/rss+xml": [
          ...(hasReceipts ? [{ url: "/receipts/feed.xml", title: "Receipts" }] : []),
          { url: "/events/feed.xml", title: "Events" },
        ],
        ...(hasReceipts ? { "application/atom+xml": [{ url: "/receipts/feed.atom", title: "Receipts" }] } : {}),
      },
    },
    // doctor reads this to prove that the page belongs to this instance.
    ...(settings.instance === null ? {} : { other: { "muster-instance": settings.instance } }),
  };
}

export const viewport: Viewport = {
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#F4EFE4" },
    { media: "(prefers-color-scheme: dark)", color: "#14201B" },
  ],
};

export default async function Layout({ children }: { readonly children: ReactNode }) {
  const { theme, nonce, profile, isKiosk, settings } = await pageContext();
  const sheet = themeSheet(profile);
  return (
    <html
      lang="en"
      className={fontClasses}
      data-theme={theme ?? undefined}
      data-kiosk={isKiosk || undefined}
      data-build={settings.build}
    >
      <head>{sheet !== "" && <style nonce={nonce}>{sheet}</style>}</head>
      <body>
        <Sprite />
        {children}
        <Keyboard hidden={hiddenPlaces(profile)} />
      </body>
    </html>
  );
}
