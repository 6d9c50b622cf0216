import type { Metadata } from "next";
import { findBoardProblem } from "../../data/board-health.ts";
import { readNow } from "../../data/now.ts";
import { serveFacts } from "../../data/serve.ts";
import { pageContext } from "../../page-context.ts";
import { KeepLive } from "../../parts/keep-live.tsx";
import { AliveEntry } from "../../parts/now/alive.tsx";
import { SayEntry } from "../../parts/now/say.tsx";
import { formatClock } from "../../view/times.ts";

export const metadata: Metadata = { title: "Embed", robots: { index: false } };

const RETRY_SECONDS = 10;
/** Without a script the frame is loaded anew so often; with one it hears the stream. */
const REFRESH_SECONDS = 30;

/** The sentence and the held claims, for the frame of another page. Links open the board itself. */
export default async function Page() {
  const { to } = await pageContext();
  const problem = await findBoardProblem();
  const served = problem === null ? await serveFacts(readNow) : { problem };
  if ("problem" in served) {
    return (
      <main className="embed" id="main">
        <meta httpEquiv="refresh" content={String(RETRY_SECONDS)} />
        <h1 className="voice v28">The board cannot be read now.</h1>
        <p className="sub">
          Who works now is unknown. Asked at <span className="m">{formatClock(new Date())}</span> UTC; asks again every{" "}
          <span className="m">{RETRY_SECONDS} s</span>.
        </p>
      </main>
    );
  }
  const now = served.facts.instance.server_now;
  return (
    <>
      <noscript>
        <meta httpEquiv="refresh" content={String(REFRESH_SECONDS)} />
      </noscript>
      <div data-live-read={now.toISOString()}>
        <main className="embed" id="main" data-live="main">
          <base target="_top" />
          <SayEntry facts={served.facts} to={to} />
          <AliveEntry leases={served.facts.leases} counts={served.facts.claims} now={now} to={to} />
          <p className="sub" data-live="read">
            Read at <span className="m">{formatClock(now)}</span> UTC.
            <span className="lost"> Since then nothing was heard of the board: who works now is unknown.</span>
          </p>
        </main>
      </div>
      <KeepLive />
    </>
  );
}
