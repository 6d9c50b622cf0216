import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CHAIN_FILE } from "@muster/board/log-chain";
import { checkLog, type LogCheck } from "@muster/board/log-check";

/** Recomputes the whole chain from the files of a log folder. Reads only. A log without a chain has no records and no problems. */
export function verifyLog(folder: string): LogCheck {
  const read = (name: string): Buffer => {
    const file = join(folder, name);
    return existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  };
  return checkLog(read(CHAIN_FILE).toString("utf8"), read);
}
