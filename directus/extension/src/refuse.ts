import { toMusterError } from "@muster/board/errors";
import type { Logger } from "./directus-api.ts";
import { MusterRefusal } from "./muster-refusal.ts";

/**
 * Whatever a verb threw, as the one refusal that REST and MCP both show: same code, same status, same sentence. Failures that are
 * nobody's input go to the log, because the caller is told nothing of them.
 */
export function refuse(error: unknown, logger: Logger): MusterRefusal {
  if (error instanceof MusterRefusal) return error;
  const refusal = new MusterRefusal(fromDirectus(error) ?? toMusterError(error), { cause: error });
  if (refusal.status === 500) logger.error(error, "A verb failed.");
  return refusal;
}

/** Directus's own services speak before the law does: a caller without read access to tasks. */
function fromDirectus(error: unknown) {
  if (!(error instanceof Error) || error.name !== "DirectusError") return null;
  const message = "Your user may not read tasks. Ask a steward to run `elk-os agent add`.";
  return { code: "MUSTER_AGENT_UNKNOWN", status: 403, message } as const;
}
