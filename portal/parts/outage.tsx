import type { BoardProblem } from "../data/board-health.ts";
import type { PageContext } from "../page-context.ts";
import { OUTAGES } from "../view/outages.ts";
import { formatClock, formatDate } from "../view/times.ts";
import { ComeBack } from "./come-back.tsx";
import { Command } from "./command.tsx";
import { Frame } from "./frame.tsx";

const RETRY_SECONDS = 10;

/** The page while the board cannot be read: the fact, its time, the next step. It asks again by itself, also without a script. */
export function Outage({ context, problem }: { readonly context: PageContext; readonly problem: BoardProblem }) {
  const { fact, detail, command } = OUTAGES[problem];
  const now = new Date();
  return (
    <>
      <Frame
        context={context}
        current={null}
        instance={null}
        path="/"
        shape="sheet"
        rail={null}
        railLabel="Nothing to total"
      >
        <noscript>
          <meta httpEquiv="refresh" content={String(RETRY_SECONDS)} />
        </noscript>
        <section className="entry say" data-problem={problem}>
          <div className="marg">
            <p className="m date">
              {formatDate(now)} <br />
              {formatClock(now)} UTC
            </p>
          </div>
          <div className="body">
            <h1 className="voice">{fact}</h1>
            <p className="sub16">{detail}</p>
          </div>
        </section>
        <section className="entry">
          <header className="marg">
            <h2>Next step</h2>
            <p>for the operator</p>
          </header>
          <div className="body">
            <Command text={command} />
            <p className="soft aside">
              Reason <code>{problem}</code>. Asked at <span className="m">{formatClock(now)}</span> UTC by the portal's
              own clock; asks again every <span className="m">{RETRY_SECONDS} s</span>.
            </p>
          </div>
        </section>
      </Frame>
      <ComeBack everySeconds={RETRY_SECONDS} />
    </>
  );
}
