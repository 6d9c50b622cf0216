import type { ReactNode } from "react";
import type { PageContext } from "../page-context.ts";
import { Masthead, type MastheadProps } from "./masthead.tsx";

export interface FrameProps extends MastheadProps {
  /** "sheet": margin, entries and a rail. "wide": the whole width. */
  readonly shape: "sheet" | "wide";
  /** Totals at the right of a sheet. */
  readonly rail?: ReactNode;
  readonly railLabel?: string;
  readonly children: ReactNode;
}

/** Everything around a page's own content. */
export function Frame({ shape, rail, railLabel = "Ledger", children, ...mast }: FrameProps) {
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <Masthead {...mast} />
      {/* The stamp stands outside of every region: it says how old the page is, and only a new page changes it. */}
      <div className={shape} data-live-read={mast.instance?.server_now.toISOString()}>
        <main id="main" tabIndex={-1} data-live="main">
          {children}
        </main>
        {shape === "sheet" && (
          <aside className="rail" aria-label={railLabel} data-live="rail">
            {rail}
          </aside>
        )}
      </div>
      <Foot context={mast.context} />
    </>
  );
}

function Foot({ context: { profile, settings } }: { readonly context: PageContext }) {
  const facts = [`build ${settings.build.slice(0, 7)}`, `profile ${profile.name}`];
  if (settings.driver !== null) facts.push(`driver ${settings.driver}`);
  return (
    <footer className="foot">
      <p>Read only. No write route exists on this site.</p>
      <p className="m">{facts.join(" · ")}</p>
    </footer>
  );
}
