import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import { appendLog } from "../memory/append-log.ts";
import { textOption } from "../memory/memory-options.ts";
import { verifyLog } from "../memory/verify-log.ts";
import { counted } from "../output/counted.ts";
import { tellSearch } from "../rag-client/tell-search.ts";
import type { Command } from "./command.ts";

const DEFAULT_ENTRIES = 10;

export const logAppend: Command = {
  name: "log append",
  summary: "Append an entry to today's log, and to its hash chain",
  help: `Lines of the log are never edited; a correction is a new entry.

  elk-os log append --title "Restore rehearsed" --body "4 million rows, as in production."`,
  options: [
    { flags: "--title <text>", description: "what happened, in one line" },
    { flags: "--body <text>", description: "details" },
  ],
  async run({ options, loaded, signal }) {
    const title = textOption(options, "title");
    const body = typeof options["body"] === "string" ? options["body"] : "";
    const appended = await appendLog(join(loaded.checkout, "log"), { title, body });
    const notes = await tellSearch(loaded, signal);
    return {
      exit: EXIT.ok,
      data: { ok: true, ...appended, notes },
      lines: [`appended  ${appended.path}  record ${appended.n}  ${appended.hash.slice(0, 12)}`, ...notes],
    };
  },
};

export const logTail: Command = {
  name: "log tail",
  summary: "Show the newest entries of the log",
  help: `  elk-os log tail --entries 3`,
  options: [{ flags: "--entries <n>", description: `how many (default ${DEFAULT_ENTRIES})` }],
  async run({ options, loaded }) {
    const count = Number(options["entries"] ?? DEFAULT_ENTRIES);
    if (!Number.isInteger(count) || count < 1) {
      throw new CliError("USAGE_INVALID", {
        message: "--entries is not a positive whole number.",
        hint: "Use --entries 3.",
      });
    }
    const folder = join(loaded.checkout, "log");
    const days = existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => /^\d{4}-\d{2}-\d{2}\.md$/.test(name))
          .sort()
      : [];
    const entries = days.flatMap((day) =>
      readFileSync(join(folder, day), "utf8")
        .split(/^(?=## )/m)
        .slice(1)
        .map((text) => ({ path: `log/${day}`, text: text.trim() })),
    );
    const last = entries.slice(-count);
    return {
      exit: EXIT.ok,
      data: { entries: last },
      lines: last.flatMap(({ path, text }) => [`── ${path}`, ...text.split("\n"), ""]),
    };
  },
};

export const logVerify: Command = {
  name: "log verify",
  summary: "Recompute the log's hash chain and name what was edited, cut, forged or added by hand",
  help: "Exit 3 when anything was tampered with; text that was only added by hand is named and is no fault. Reads only.",
  async run({ loaded }) {
    const { records, head, problems } = verifyLog(join(loaded.checkout, "log"));
    const faults = problems.filter(({ kind }) => kind !== "unchained");
    return {
      exit: faults.length === 0 ? EXIT.ok : EXIT.doctorRed,
      data: { ok: faults.length === 0, records, head, problems },
      lines: [
        ...problems.map(({ kind, file, n, message }) => `${kind.padEnd(10)} ${file}  record ${n}: ${message}`),
        `${counted(records, "record")}, ${counted(faults.length, "fault")}, head ${head.slice(0, 12)}`,
      ],
    };
  },
};
