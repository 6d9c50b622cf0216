import type { ChainBreak } from "@muster/board/trail/chain-break";
import { takeCheckpoint, verifyEvents } from "@muster/board/trail/verify-trail";
import { z } from "zod";
import { EXIT } from "../errors/catalog.ts";
import { verifyLog } from "../memory/verify-log.ts";
import { counted } from "../output/counted.ts";
import { tellSearch } from "../rag-client/tell-search.ts";
import { readCheckpoints, writeCheckpoint } from "../trail/checkpoints.ts";
import { readRows, withTrail } from "../trail/open-trail.ts";
import { recordRestores, unrecordedBreaks } from "../trail/record-restores.ts";
import { chainReport } from "./chain-report.ts";
import type { Command } from "./command.ts";
import { countOption } from "./count-option.ts";

const event = z.object({
  id: z.string(),
  entity: z.string(),
  entity_id: z.string(),
  version: z.int(),
  kind: z.string(),
  actor_name: z.string().nullable(),
  epoch: z.int().nullable(),
  task: z.int().nullable(),
  hash: z.string(),
  origin: z.string(),
  at: z.date().transform((date) => date.toISOString()),
});

const LIMIT = { otherwise: 20, most: 1000 } as const;

const eventsTail: Command = {
  name: "events tail",
  summary: "Show the newest events of every kind with their place in the chain, oldest first",
  help: `To follow the board as it happens: elk-os board watch; to miss nothing in a script: elk-os board log --cursor.

  elk-os events tail --limit 5 --entity os_notes`,
  options: [
    { flags: "--limit <n>", description: `at most so many (default ${LIMIT.otherwise}, at most ${LIMIT.most})` },
    { flags: "--entity <name>", description: "only of this collection, such as os_tasks" },
  ],
  async run({ options, loaded }) {
    const entity = typeof options["entity"] === "string" ? options["entity"] : null;
    const rows = await readRows(loaded, "muster_directus", "events.tail", [
      countOption(options, "limit", LIMIT),
      entity,
    ]);
    const events = z.array(event).parse(rows);
    return { exit: EXIT.ok, data: { events }, lines: events.map(eventsLine) };
  },
};

function eventsLine({
  id,
  at,
  entity,
  entity_id,
  task,
  version,
  kind,
  actor_name,
  hash,
}: z.infer<typeof event>): string {
  const name = task === null ? `${entity} ${entity_id.slice(0, 8)}` : `#${task}`;
  return `${id.padStart(6)}  ${at.slice(0, 19)}Z  ${hash.slice(0, 12)}  ${kind.padEnd(15)} ${(actor_name ?? "board").padEnd(10)} ${name} v${version}`;
}

const eventsVerify: Command = {
  name: "events verify",
  summary: "Recompute every chain of events and name the first link that does not hold",
  help: `Hashes are computed here from the rows, by no function of the board. The ends of the chains are compared with the tasks and with
every checkpoint in log/, whose own chain is verified first: a chain alone cannot see that its tail was cut. Checkpoints that \`elk-os restore\`
lost are named and counted, and are no failure; a record of a restore that does not fit is one. Exit 3 when a link does not hold. Reads only.

  elk-os events verify --json`,
  run: ({ loaded }) =>
    withTrail(loaded, async (db, places) => {
      const report = await verifyEvents(db, readCheckpoints(places));
      const { events, chains, checkpoints, restores, lost } = report;
      return chainReport({
        counts: { events, chains, checkpoints, restores },
        summary: `${counted(events, "event")} in ${counted(chains, "chain")}, ${counted(checkpoints, "checkpoint")}, ${counted(restores, "restore")}`,
        lost,
        breaks: [...logBreaks(places.log), ...(await unrecordedBreaks(db, places)), ...report.breaks],
      });
    }),
};

/** A checkpoint is worth what the log is worth that holds it. */
function logBreaks(folder: string): readonly ChainBreak[] {
  return verifyLog(folder)
    .problems.filter(({ kind }) => kind !== "unchained")
    .map(({ kind, file, n, message }) => ({
      chain: "log",
      at: `record ${n}`,
      what: `${file} is ${kind}`,
      expected: "the bytes that were written",
      found: message,
    }));
}

const eventsCheckpoint: Command = {
  name: "events checkpoint",
  summary: "Append to log/ what the chains' last hashes are now",
  help: `A chain alone cannot see that its tail was cut; a checkpoint knows a later head. The log gets one entry with a digest over all heads, the
state folder keeps the heads themselves, so that \`events verify\` can name the chain. When nothing happened since the last one, nothing is written.
A restore that died before the log could tell of it is recorded first.

  elk-os events checkpoint`,
  run: ({ loaded, signal }) =>
    withTrail(loaded, async (db, places) => {
      const recorded = await recordRestores(db, places);
      const { checkpoint, heads } = await takeCheckpoint(db, new Date());
      const path = await writeCheckpoint(places, checkpoint, heads);
      const summary = `${counted(checkpoint.events, "event")} in ${counted(checkpoint.chains, "chain")}, ${counted(checkpoint.receipts.count, "receipt")}`;
      return {
        exit: EXIT.ok,
        data: { ok: true, written: path !== null, path, recorded, checkpoint },
        lines: [
          ...(recorded === null ? [] : [`appended   ${recorded}  the record of a restore`]),
          ...(path === null ? [`unchanged  ${summary}`] : [`appended   ${path}  ${summary}`]),
          ...((path ?? recorded) === null ? [] : await tellSearch(loaded, signal)),
        ],
      };
    }),
};

export const EVENTS: readonly Command[] = [eventsTail, eventsVerify, eventsCheckpoint];
