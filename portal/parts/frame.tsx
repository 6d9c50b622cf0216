import type { ReactNode } from "react";
import { Foot } from "./foot.tsx";
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
