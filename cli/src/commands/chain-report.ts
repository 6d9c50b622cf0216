import type { ChainBreak } from "@muster/board/trail/chain-break";
import type { LostCheckpoint } from "@muster/board/trail/verify-trail";
import { EXIT } from "../errors/catalog.ts";
import type { CommandResult } from "../output/reporter.ts";

const SHOWN = 20;

export interface Verification {
  readonly counts: Readonly<Record<string, unknown>>;
  readonly summary: string;
  /** What the board no longer holds since the operator restored it: told, and no failure. */
  readonly lost: readonly LostCheckpoint[];
  readonly breaks: readonly ChainBreak[];
}

/** What a verification found: exit 3 and the first broken link by name, or what was counted. */
export function chainReport({ counts, summary, lost, breaks }: Verification): CommandResult {
  const [first] = breaks;
  const ok = first === undefined;
  return {
    exit: ok ? EXIT.ok : EXIT.doctorRed,
    data: {
      ok,
      ...counts,
      lost: lost.length,
      lostCheckpoints: lost.slice(-SHOWN),
      first: first ?? null,
      broken: breaks.length,
      breaks: breaks.slice(0, SHOWN),
    },
    lines: [
      ...lostLines(lost),
      ...(ok ? [`whole     ${summary}`] : [...breakLines(first), ...moreLines(breaks), `broken    ${summary}`]),
    ],
  };
}

/** The newest by name; how many came before them. */
function lostLines(lost: readonly LostCheckpoint[]): readonly string[] {
  const shown = lost.slice(-SHOWN);
  const hidden = lost.length - shown.length;
  return [
    ...(hidden === 0 ? [] : [`lost      ${hidden} earlier checkpoints`]),
    ...shown.map(
      ({ at, last_id, restored_at, backup }) =>
        `lost      checkpoint of ${at}, up to event ${last_id}, by the restore of ${backup} at ${restored_at}`,
    ),
  ];
}

function breakLines({ chain, at, what, expected, found, code }: ChainBreak): readonly string[] {
  const name = code === undefined ? "" : ` (${code})`;
  return [`first     ${chain}, ${at}: ${what}${name}`, `expected  ${expected}`, `found     ${found}`];
}

function moreLines([, ...others]: readonly ChainBreak[]): readonly string[] {
  const shown = others.slice(0, SHOWN - 1).map(({ chain, at, what }) => `also      ${chain}, ${at}: ${what}`);
  return others.length < SHOWN ? shown : [...shown, `also      ${others.length - SHOWN + 1} more`];
}
