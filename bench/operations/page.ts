import { SERVICE_IDS } from "../../cli/src/services/service-def.ts";
import { isMeasured } from "../footprint/rows.ts";
import type { DriverRow, Operations, Timed } from "./rows.ts";

/** The result as Markdown. Pure. */
export function page(result: Operations): string {
  return [
    `# Operations, ${result.at.slice(0, 10)}`,
    "",
    `\`npm run bench:operations\` at ${result.commit}; ${result.machine}; load ${result.load.toFixed(1)} before. Megabytes are 10^6 bytes.`,
    "",
    "A service counts as away from its last good answer to the next, asked ten times a second: a row read through Directus, a search, the portal's",
    "snapshot, a query. No answer within 2 s is none. An upgrade and a rotation measure that themselves, while services start again; a restore is watched",
    "from the swap of the databases on, before which the board is in use, and a rollback from its start.",
    ...Object.entries(result.drivers).flatMap(([driver, row]) => [
      "",
      `## ${driver}`,
      "",
      ...(isMeasured(row) ? linesOf(row) : [`Not measured: ${row.notMeasured}.`]),
    ]),
    "",
  ].join("\n");
}

function linesOf({
  board,
  backup,
  verifySeconds,
  restore,
  rotations,
  upgrade,
  rollback,
}: DriverRow): readonly string[] {
  const count = (of: number) => of.toLocaleString("en");
  return [
    `A board of ${count(board.tasks)} tasks with ${count(board.claims)} claims, ${count(board.verifications)} verdicts, ${count(board.notes)} notes and ${count(board.events)} events; the database has ${count(board.databaseMb)} MB. About one task in a hundred is public.`,
    "",
    "| backup | seconds |",
    "|---|---|",
    `| create: saved | ${secondsOf(backup.dumpSeconds)} |`,
    `| create: proven | ${secondsOf(backup.provingSeconds)} |`,
    `| verify | ${secondsOf(verifySeconds)} |`,
    "",
    `The backup holds ${count(backup.rows)} rows in ${backup.sizeMb.toFixed(1)} MB.`,
    "",
    `| verb | seconds in all | ${SERVICE_IDS.map((id) => `${id} away`).join(" | ")} |`,
    `|---|---|${SERVICE_IDS.map(() => "---|").join("")}`,
    lineOf("restore, with the safety backup and its proof", restore),
    ...rotations.map((rotation) => lineOf(`secrets rotate ${rotation.secret}`, rotation)),
    lineOf("upgrade, with one migration, its backup and the proof", upgrade),
    lineOf("rollback, with the data", rollback),
  ];
}

/** A dash for a service that the verb leaves alone and did not watch. */
function lineOf(verb: string, { seconds, down }: Timed): string {
  const away = SERVICE_IDS.map((id) => {
    const lost = down[id];
    return lost === undefined ? "–" : secondsOf(lost);
  });
  return `| ${[verb, secondsOf(seconds), ...away].join(" | ")} |`;
}

const secondsOf = (seconds: number) => `${seconds.toFixed(1)} s`;
