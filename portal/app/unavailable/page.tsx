import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { connection } from "next/server";
import { findBoardProblem } from "../../data/board-health.ts";
import { pageContext } from "../../page-context.ts";
import { Outage } from "../../parts/outage.tsx";

export const metadata: Metadata = { title: "Unavailable" };

/** Served by proxy.ts under the address that was asked for, with 503. While the board can be read there is no such page. */
export default async function Page() {
  await connection();
  const context = await pageContext();
  const problem = await findBoardProblem(context.at !== null);
  if (problem === null) notFound();
  return <Outage context={context} problem={problem} />;
}
