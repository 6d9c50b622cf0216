import { z } from "zod";
import { EXIT } from "../errors/catalog.ts";
import { readRows } from "../trail/open-trail.ts";
import type { Command } from "./command.ts";

const row = z.object({
  dimension: z.enum(["all", "agent", "model", "class"]),
  value: z.string(),
  attempts: z.int(),
  accepted: z.int(),
  rework: z.int(),
  discarded: z.int(),
  expired: z.int(),
  duplicate: z.int(),
  superseded: z.int(),
  undecided: z.int(),
  /** Share of the decided attempts of which nothing was verified; null when none is decided. */
  discard_rate: z.number().nullable(),
  rework_rate: z.number().nullable(),
  tokens_in: z.coerce.number(),
  tokens_out: z.coerce.number(),
  cost_usd: z.number(),
  cost_discarded_usd: z.number(),
});
type Row = z.infer<typeof row>;

const COLUMNS = [
  "attempts",
  "accepted",
  "rework",
  "discarded",
  "expired",
  "duplicate",
  "superseded",
  "undecided",
] as const;

export const boardStats: Command = {
  name: "board stats",
  summary: "Count what became of the attempts: the discard rate by agent, model and task class",
  help: `Of the decided attempts, the share that was thrown away: discarded, expired, duplicate or superseded. Rework is apart: of the judged
ones, the share that failed its verdict. Public projects only, as in the portal.

  elk-os board stats
  elk-os board stats --json`,
  async run({ loaded }) {
    const stats = z.array(row).parse(await readRows(loaded, "muster_portal", "board.stats"));
    return { exit: EXIT.ok, data: { stats }, lines: stats.length === 0 ? ["no attempt has ended yet"] : table(stats) };
  },
};

function table(stats: readonly Row[]): readonly string[] {
  const width = Math.max(...stats.map(({ value }) => value.length), "class".length) + 8;
  const head = [
    "".padEnd(width),
    ...COLUMNS.map((name) => name.padStart(10)),
    "discard".padStart(9),
    "rework".padStart(8),
    "cost $".padStart(10),
  ];
  return [
    head.join(" "),
    ...stats.map((stat) =>
      [
        `${stat.dimension.padEnd(6)} ${stat.value}`.padEnd(width),
        ...COLUMNS.map((name) => String(stat[name]).padStart(10)),
        percent(stat.discard_rate).padStart(9),
        percent(stat.rework_rate).padStart(8),
        stat.cost_usd.toFixed(2).padStart(10),
      ].join(" "),
    ),
  ];
}

const percent = (rate: number | null): string => (rate === null ? "-" : `${(rate * 100).toFixed(1)} %`);
