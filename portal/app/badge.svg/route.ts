import { serveFacts } from "../../data/serve.ts";
import { readTotals } from "../../data/totals.ts";
import { badgeSvg } from "../../view/badge.ts";

export const dynamic = "force-dynamic";

/** How many tasks are verified, as a picture for a README. */
export async function GET(): Promise<Response> {
  const served = await serveFacts(readTotals);
  const words =
    "problem" in served
      ? "unknown"
      : `${served.facts.tasks_done} of ${served.facts.tasks_done + served.facts.tasks_open} verified`;
  return new Response(badgeSvg("board", words), {
    headers: {
      "Content-Type": "image/svg+xml; charset=utf-8",
      "Cache-Control": "no-cache",
      "Cross-Origin-Resource-Policy": "cross-origin",
    },
  });
}
