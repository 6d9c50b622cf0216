import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { CliError } from "../errors/cli-error.ts";
import { writeFileAtomic } from "./write-file-atomic.ts";

const instanceSchema = z.strictObject({
  instanceId: z.uuid(),
  driver: z.enum(["embedded", "compose"]),
  createdAt: z.iso.datetime(),
  cliVersion: z.string(),
  /** Its board is in a Postgres that elk-os does not run; absent: in one of its own. */
  database: z.literal("elsewhere").optional(),
});

/** Who this installation is; written once by `init`. */
export type Instance = z.infer<typeof instanceSchema>;

export function findInstance(path: string): Instance | null {
  if (!existsSync(path)) return null;
  const parsed = instanceSchema.safeParse(readJson(path));
  if (parsed.success) return parsed.data;
  throw new CliError("STATE_UNREADABLE", {
    message: `instance.json in the state folder is damaged: ${z.prettifyError(parsed.error)}`,
    hint: "Restore the state folder from a backup; without its instance id the running data cannot be told from a stranger's.",
  });
}

export function getInstance(path: string): Instance {
  const instance = findInstance(path);
  if (instance !== null) return instance;
  throw new CliError("STATE_UNREADABLE", {
    message: "This state folder has not been initialised.",
    hint: "Run `elk-os up` (or `elk-os init` for that phase alone).",
  });
}

/** Writes the record when it is absent; never replaces it. True when it was made. */
export function ensureInstance(path: string, facts: Pick<Instance, "driver" | "cliVersion" | "database">): boolean {
  if (findInstance(path) !== null) return false;
  const record: Instance = { instanceId: randomUUID(), createdAt: new Date().toISOString(), ...facts };
  writeFileAtomic(path, `${JSON.stringify(record, null, 2)}\n`, 0o644);
  return true;
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // A file that is not JSON fails the schema with a message that names the problem.
    return undefined;
  }
}
