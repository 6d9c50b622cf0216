/** The rows that need a running stack: measured by bench/verbs, where that stands. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Row, rowOf } from "./rows.ts";

const exec = promisify(execFile);
const SCRIPT = join(import.meta.dirname, "..", "verbs", "run.ts");
/** 30 min: bench/verbs raises a stack of its own, and 16 agents drive four lanes at two loads. */
const TIMEOUT_MS = 1_800_000;

/** Rows here by the keys under which bench/verbs prints them in `rows`; it may print others as well. */
const KEYS = {
  next: "nextOverNative",
  nextPaced: "nextOverNativePaced",
  nextOverNoop: "nextOverNoopMs",
  nextOverNoopPaced: "nextOverNoopPacedMs",
} as const;
const NAMES = ["next", "nextPaced", "nextOverNoop", "nextOverNoopPaced"] as const;
const BARE = ["nextOverBareMs", "nextOverBarePacedMs"] as const;

/** The rows of `next`; not measured when bench/verbs is absent, has no stack, or prints another shape: the note says which. */
export async function verbRows(isQuick: boolean): Promise<readonly Row[]> {
  const none = (note: string) => NAMES.map((name) => rowOf(name, null, note));
  if (!existsSync(SCRIPT)) return none("bench/verbs is not there");
  try {
    const { stdout } = await exec("node", [SCRIPT, ...(isQuick ? ["--quick"] : []), "--json"], { timeout: TIMEOUT_MS });
    const rows: unknown = Reflect.get(Object(JSON.parse(stdout)), "rows");
    const numberAt = (key: string) => {
      const value: unknown = Reflect.get(Object(rows), key);
      return typeof value === "number" ? value : null;
    };
    const [bare, barePaced] = BARE.map((key) => numberAt(key) ?? "?");
    const notes = {
      next: "bench/verbs",
      nextPaced: "bench/verbs",
      nextOverNoop: `bench/verbs; the no-op is MCP's ping; over an answered notification (202) ${bare} ms`,
      nextOverNoopPaced: `bench/verbs; the no-op is MCP's ping; over an answered notification (202) ${barePaced} ms`,
    } as const;
    return NAMES.map((name) => rowOf(name, numberAt(KEYS[name]), notes[name]));
  } catch (error) {
    return none(`bench/verbs did not answer: ${String(error).split("\n")[0]?.slice(0, 160) ?? ""}`);
  }
}
