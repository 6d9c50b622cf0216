import { runCommand } from "../host/run.ts";

/** Directus alone is 650 MB: 10 s on two idle cores. */
const PACK_TIMEOUT_MS = 20 * 60_000;

/** Packs what the arguments of tar name, owned by nobody in particular. */
export async function pack(file: string, what: readonly string[], signal: AbortSignal): Promise<void> {
  await runCommand(["tar", "--owner=0", "--group=0", "--numeric-owner", "-czf", file, ...what], {
    purpose: `${file} could not be packed`,
    timeoutMs: PACK_TIMEOUT_MS,
    signal,
  });
}
