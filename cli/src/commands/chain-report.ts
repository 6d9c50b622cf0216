import type { ChainBreak } from "@muster/board/trail/chain-break";
import { EXIT } from "../errors/catalog.ts";
import type { CommandResult } from "../output/reporter.ts";

const SHOWN = 20;

/** What a verification found: exit 3 and the first broken link by name, or what was counted. */
export function chainReport(
  counts: Readonly<Record<string, unknown>>,
  summary: string,
  breaks: readonly ChainBreak[],
): CommandResult {
  const [first] = breaks;
  const ok = first === undefined;
  return {
    exit: ok ? EXIT.ok : EXIT.doctorRed,
    data: { ok, ...counts, first: first ?? null, broken: breaks.length, breaks: breaks.slice(0, SHOWN) },
    lines: ok ? [`whole     ${summary}`] : [...breakLines(first), ...moreLines(breaks), `broken    ${summary}`],
  };
}

function breakLines({ chain, at, what, expected, found }: ChainBreak): readonly string[] {
  return [`first     ${chain}, ${at}: ${what}`, `expected  ${expected}`, `found     ${found}`];
}

function moreLines([, ...others]: readonly ChainBreak[]): readonly string[] {
  const shown = others.slice(0, SHOWN - 1).map(({ chain, at, what }) => `also      ${chain}, ${at}: ${what}`);
  return others.length < SHOWN ? shown : [...shown, `also      ${others.length - SHOWN + 1} more`];
}
