import type { Metadata } from "next";
import { readNow } from "../../data/now.ts";
import { serveFacts } from "../../data/serve.ts";
import { pageContext } from "../../page-context.ts";
import { AliveEntry } from "../../parts/now/alive.tsx";
import { SayEntry } from "../../parts/now/say.tsx";
import { formatClock } from "../../view/times.ts";

export const metadata: Metadata = { title: "Embed", robots: { index: false } };

/** The sentence and the held claims, for the frame of another page. Links open the board itself. */
export default async function Page() {
  const { to } = await pageContext();
  const served = await serveFacts(readNow);
  if ("problem" in served) {
    return (
      <main className="embed" id="main">
        <h1 className="voice v28">The board cannot be read now.</h1>
      </main>
    );
  }
  const now = served.facts.instance.server_now;
  return (
    <main className="embed" id="main">
      <base target="_top" />
      <SayEntry facts={served.facts} to={to} />
      <AliveEntry leases={served.facts.leases} counts={served.facts.claims} now={now} to={to} />
      <p className="sub">
        Read at <span className="m">{formatClock(now)}</span> UTC.
      </p>
    </main>
  );
}
