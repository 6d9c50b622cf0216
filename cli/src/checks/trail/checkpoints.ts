import { z } from "zod";
import { readSql } from "../../drivers/embedded/read-sql.ts";
import { choresOf } from "../../services/chores.ts";
import { findLastMoment } from "../../trail/list-moments.ts";
import { trailPlaces } from "../../trail/open-trail.ts";
import { type Check, skip } from "../check.ts";
import { INTERVALS_ALLOWED, judgeCheckpoints } from "./judge-checkpoints.ts";

const uncoveredRow = z.object({ events: z.int(), oldest: z.date().nullable() });

/** TRAIL-01. A chain alone cannot see that its tail was cut; what no checkpoint covers may be gone without a trace. */
export const checkpointsTaken: Check = {
  id: "TRAIL-01",
  title: "Checkpoints in log/ keep up with the board's events",
  severity: "warning",
  drivers: {
    only: "embedded",
    otherwise: "no supervisor takes them beside containers; docs/compose.md says how a timer does",
  },
  dependsOn: ["EMB-08", "PG-03"],
  timeoutMs: 10_000,
  async probe(stack) {
    const { config, connections, driver } = stack;
    const wanted = choresOf(config).find(({ id }) => id === "checkpoint");
    if (wanted === undefined) return skip("ELK_OS_CHECKPOINT_INTERVAL_MINUTES is 0: the supervisor takes none");
    const last = findLastMoment(trailPlaces(stack), stack.instance().instanceId)?.checkpoint ?? null;
    const ageSeconds = (INTERVALS_ALLOWED * wanted.intervalMs) / 1000;
    const { rows } = await connections.withClient("postgres", (client) =>
      client.query(readSql("events.uncovered"), [last?.below_xid ?? "0", last?.last_id ?? "0", ageSeconds]),
    );
    const chore = (await driver.chores()).find(({ id }) => id === wanted.id) ?? null;
    return judgeCheckpoints({ chore, last, uncovered: uncoveredRow.parse(rows[0]), now: new Date() });
  },
  fix: {
    summary:
      "elk-os logs checkpoint says why; elk-os events checkpoint takes one now, and the supervisor tries again at the next interval",
  },
};
