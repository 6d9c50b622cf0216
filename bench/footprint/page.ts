import { type DriverRow, type Footprint, isMeasured, type MemoryTable, type Verdict } from "./rows.ts";

/** The result as Markdown. Pure. */
export function page(result: Footprint): string {
  return [
    `# Footprint, ${result.at.slice(0, 10)}`,
    "",
    `\`npm run bench:footprint\` at ${result.commit}, size ${result.size}; ${result.machine}; load ${result.load.toFixed(1)} before. Megabytes are 10^6 bytes.`,
    "",
    "| metric | floor | RSS | verdict | PSS | verdict by PSS |",
    "|---|---|---|---|---|---|",
    ...result.verdicts.map(lineOf),
    "",
    "The floors are written in RSS, and the verdict is by it. RSS counts a page that several processes share once for each of them, Postgres's shared memory for each backend; PSS counts it once, and is what the machine gives away.",
    ...Object.entries(result.drivers).flatMap(([driver, row]) => [
      "",
      `## ${driver}`,
      "",
      ...(isMeasured(row) ? linesOf(row) : [`Not measured: ${row.notMeasured}.`]),
    ]),
    "",
  ].join("\n");
}

function lineOf({ metric, floorMb, rssMb, isMet, pssMb, isMetByPss, because }: Verdict): string {
  const wordOf = (met: boolean | null) => (met === null ? `not measured: ${because}` : met ? "met" : "**missed**");
  const words = [rssMb ?? "–", wordOf(isMet), pssMb ?? "–", wordOf(isMetByPss)];
  return `| ${metric} | ≤ ${floorMb} MB | ${words.join(" | ")} |`;
}

function linesOf({ starts, limit, idle, fleet, images }: DriverRow): readonly string[] {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  return [
    "| from zero, warm caches | down | warm restart | up again |",
    "|---|---|---|---|",
    `| ${[starts.fromZeroMs, starts.downMs, starts.warmRestartMs, starts.againMs].map(seconds).join(" | ")} |`,
    "",
    `${limit.withinMib === null ? "No limit of memory but the containers' own" : `Kept in ${limit.withinMib} MiB, page cache and all, without swap`}; processes that the kernel ended for memory: ${limit.outOfMemoryKills}.`,
    "",
    `Idle, ${idle.afterSeconds} s after the last command:`,
    "",
    ...memoryLines(idle),
    "",
    ...(isMeasured(fleet)
      ? [
          `After ${fleet.minutes} minutes of ${fleet.agents} scripted agents (bench/fleet), as they stop; highest PSS meanwhile ${fleet.highestPssMb} MB:`,
          "",
          ...memoryLines(fleet),
          "",
          `Deeds: ${Object.entries(fleet.deeds)
            .map(([deed, count]) => `${deed} ${count}`)
            .join(", ")}.`,
        ]
      : [`After a fleet: not measured: ${fleet.notMeasured}.`]),
    "",
    ...(isMeasured(images)
      ? ["| image | MB |", "|---|---|", ...Object.entries(images).map(([image, mb]) => `| ${image} | ${mb} |`)]
      : [`Images: not measured: ${images.notMeasured}.`]),
  ];
}

function memoryLines({ parts, total }: MemoryTable): readonly string[] {
  return [
    "| part | processes | PSS MB | RSS MB |",
    "|---|---|---|---|",
    ...[...parts, total].map(({ part, processes, pssMb, rssMb }) => `| ${part} | ${processes} | ${pssMb} | ${rssMb} |`),
  ];
}
