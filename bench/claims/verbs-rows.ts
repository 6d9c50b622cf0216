/** The rows that need a running stack: measured by bench/verbs, where that stands. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Row, rowOf } from "./rows.ts";

const exec = promisify(execFile);
const SCRIPT = join(import.meta.dirname, "..", "verbs", "run.ts");
/** 10 min: bench/verbs raises no stack, but 16 agents call six doors. */
const TIMEOUT_MS = 600_000;

/** Numbers that bench/verbs prints as `{"rows":{"nextOverNative":n,"nextOverNoopMs":n}}`; any other key is its own. */
function read(stdout: string): readonly (number | null)[] {
  const rows = Object(JSON.parse(stdout)).rows;
  return ["nextOverNative", "nextOverNoopMs"].map((key) => {
    const value: unknown = Reflect.get(Object(rows), key);
    return typeof value === "number" ? value : null;
  });
}

/** Both rows of `next`; not measured when bench/verbs is absent, has no stack, or prints another shape: the note says which. */
export async function verbRows(isQuick: boolean): Promise<readonly Row[]> {
  const none = (note: string) => [rowOf("next", null, note), rowOf("nextOverNoop", null, note)];
  if (!existsSync(SCRIPT)) return none("bench/verbs is not there");
  try {
    const { stdout } = await exec("node", [SCRIPT, ...(isQuick ? ["--quick"] : []), "--json"], { timeout: TIMEOUT_MS });
    const [ratio = null, difference = null] = read(stdout);
    return [rowOf("next", ratio, "bench/verbs"), rowOf("nextOverNoop", difference, "bench/verbs")];
  } catch (error) {
    return none(`bench/verbs did not answer: ${String(error).split("\n")[0]?.slice(0, 160) ?? ""}`);
  }
}
