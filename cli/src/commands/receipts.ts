import { receiptName } from "@muster/board/trail/chain-break";
import { verifyReceipts } from "@muster/board/trail/verify-trail";
import { z } from "zod";
import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import { counted } from "../output/counted.ts";
import { readCheckpoints } from "../trail/checkpoints.ts";
import { readRows, withTrail } from "../trail/open-trail.ts";
import { chainReport } from "./chain-report.ts";
import type { Command } from "./command.ts";
import { countOption } from "./count-option.ts";

const line = z.object({
  number: z.int(),
  task: z.int(),
  title: z.string(),
  caught_by: z.string().nullable(),
  needed_fleet: z.string().nullable(),
  fix_commit: z.string().nullable(),
  hash: z.string(),
  origin: z.string(),
  issued_at: z.date().transform((date) => date.toISOString()),
});
const step = z.looseObject({ name: z.string(), text: z.string(), at: z.string().nullish() });
const whole = line.extend({
  symptom: z.string().nullable(),
  board_row: z.string().nullable(),
  verifier_claim: z.string().nullable(),
  closing_note: z.string().nullable(),
  attribution: z.string().nullable(),
  steps: z.array(z.unknown()),
  prev_hash: z.string().nullable(),
});

const LIMIT = { otherwise: 40, most: 1000 } as const;

const receiptsList: Command = {
  name: "receipts list",
  summary: "List the receipts of fixed defects, newest first",
  help: "  elk-os receipts list --limit 10",
  options: [
    { flags: "--limit <n>", description: `at most so many (default ${LIMIT.otherwise}, at most ${LIMIT.most})` },
  ],
  async run({ options, loaded }) {
    const rows = await readRows(loaded, "muster_directus", "receipts.list", [countOption(options, "limit", LIMIT)]);
    const receipts = z.array(line).parse(rows);
    return {
      exit: EXIT.ok,
      data: { receipts },
      lines:
        receipts.length === 0
          ? ["no receipt yet"]
          : receipts.map(
              ({ number, task, title, needed_fleet, issued_at }) =>
                `${receiptName(number)}  ${issued_at.slice(0, 16)}Z  #${String(task).padEnd(5)} fleet ${(needed_fleet ?? "?").padEnd(6)}  ${title}`,
            ),
    };
  },
};

const receiptsShow: Command = {
  name: "receipts show",
  summary: "Show one receipt: its six steps, who it credits, and its link in the chain",
  help: "  elk-os receipts show r-0002",
  arguments: [{ name: "<receipt>", description: "r-0002 or 2" }],
  async run({ args, loaded }) {
    const named = /^(?:r-)?0*(\d{1,9})$/.exec(args[0] ?? "")?.[1];
    const rows = named === undefined ? [] : await readRows(loaded, "muster_directus", "receipts.find", [named]);
    if (rows[0] === undefined) {
      throw new CliError("USAGE_INVALID", {
        message: `There is no receipt ${args[0] ?? ""}.`,
        hint: "See `elk-os receipts list`.",
      });
    }
    const receipt = whole.parse(rows[0]);
    const steps = receipt.steps.flatMap((given) => step.safeParse(given).data ?? []);
    return {
      exit: EXIT.ok,
      data: receipt,
      lines: [
        `${receiptName(receipt.number)}  ${receipt.title}  (#${receipt.task}, ${receipt.origin})`,
        ...steps.map(({ name, text }) => `${name.padEnd(15)} ${text.replaceAll("\n", `\n${" ".repeat(16)}`)}`),
        `needed fleet    ${receipt.needed_fleet ?? "not said"}. ${receipt.attribution ?? ""}`,
        `hash            ${receipt.hash}`,
        `follows         ${receipt.prev_hash ?? "none: it is the first"}`,
      ],
    };
  },
};

const receiptsVerify: Command = {
  name: "receipts verify",
  summary: "Recompute the chain of receipts and name the first link that does not hold",
  help: `Hashes are computed here from the rows, by no function of the board; the end of the chain is compared with the board's
head, with the events and with every checkpoint in log/, but for those that a restore lost. Needs the database alone. Exit 3 when a link does not
hold. Reads only.

  elk-os receipts verify --json`,
  run: ({ loaded }) =>
    withTrail(loaded, async (db, places) => {
      const { receipts, head, lost, breaks } = await verifyReceipts(db, readCheckpoints(places));
      return chainReport({
        counts: { receipts, head },
        summary: `${counted(receipts, "receipt")}, head ${head?.slice(0, 12) ?? "none"}`,
        lost,
        breaks,
      });
    }),
};

export const RECEIPTS: readonly Command[] = [receiptsList, receiptsShow, receiptsVerify];
