import { findBoardProblem } from "../../data/board-health.ts";
import { serveFacts } from "../../data/serve.ts";
import { readTotals } from "../../data/totals.ts";
import { badgeSvg } from "../../view/badge.ts";

export const dynamic = "force-dynamic";

/** How many tasks are verified, as a picture for a README. */
export async function GET(): Promise<Response> {
  // The picture itself says when nothing is known: who shows it shows no page, and some drop what comes with another status.
  const problem = await findBoardProblem();
  const served = problem === null ? await serveFacts(readTotals) : { problem };
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
