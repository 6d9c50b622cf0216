import type { ReactNode } from "react";
import { requestOutage } from "../data/request-outage.ts";
import { formatPageToken } from "../view/instant.ts";
import { Foot } from "./foot.tsx";
import { LastReadingBar } from "./last-reading-bar.tsx";
import { Masthead, type MastheadProps } from "./masthead.tsx";
import { ReplayBar } from "./replay-bar.tsx";
import { Still } from "./still/still.tsx";

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
  const { problem } = requestOutage();
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <Masthead {...mast} />
      {mast.context.at !== null && mast.instance !== null && (
        <ReplayBar context={mast.context} instance={mast.instance} path={mast.path} />
      )}
      {/* Always there, so that the stream can take the words away when the board is back. */}
      <div data-live="outage" aria-live="polite">
        {problem !== null && mast.instance !== null && (
          <LastReadingBar readAt={mast.instance.server_now} problem={problem} />
        )}
      </div>
      {/* The stamp stands outside of every region: it says how old the page is, and only a new page changes it. */}
      <Still tag="div" place="sheet" attributes={{ className: shape, ...stampOf(mast) }}>
        <main id="main" tabIndex={-1} data-live="main">
          {children}
        </main>
        {shape === "sheet" && (
          <aside className="rail" aria-label={railLabel} data-live="rail">
            {rail}
          </aside>
        )}
      </Still>
      <Still tag="footer" place="foot" attributes={{ className: "foot" }}>
        <Foot context={mast.context} />
      </Still>
    </>
  );
}

/** When the page was read, and the token by which it can be seen again. A page of the past is never brought up to date. */
function stampOf({ context, instance }: MastheadProps): Readonly<Record<string, string>> {
  if (instance === null || context.at !== null) return {};
  const { server_now: at, incarnation, snapshot } = instance;
  return { "data-live-read": at.toISOString(), "data-at": formatPageToken(incarnation, snapshot, at) };
}
