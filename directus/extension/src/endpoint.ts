import { askBoardHealth } from "./board-health.ts";
import type { Endpoint } from "./directus-api.ts";
import { mountMcp } from "./mcp/endpoint.ts";
import { refusalOf } from "./muster-refusal.ts";
import { provokeConflict } from "./provoke-conflict.ts";
import { openReadyWatch } from "./ready-watch.ts";
import { mountRest } from "./rest.ts";

/**
 * `/muster/*`, behind Directus's own authentication.
 * - `GET /muster/health` (open): `{state, reasons}` as in the identity; always 200.
 * - `POST /muster/conflict` (any user): always refused; see provokeConflict.
 * - `POST /muster/<verb>` (any user): the board's verbs; see verbs/registry.ts.
 * - `POST /muster/mcp` (any user): ten of them as MCP tools.
 */
export const endpoint: Endpoint = (router, context) => {
  router.get("/health", (_req, res, next) => {
    askBoardHealth(context.database)
      .then((health) => res.set("Cache-Control", "no-store").json(health))
      .catch(next);
  });
  router.post("/conflict", (req, _res, next) => {
    const caller = req.accountability;
    if (caller?.user === null || caller === undefined) return next(refusalOf("MUSTER_NO_ACTOR"));
    provokeConflict(context, caller, req.schema).then(() => next(refusalOf("MUSTER_INTERNAL")), next);
  });
  const watch = openReadyWatch(context.database, context.logger);
  mountRest(router, context, watch);
  mountMcp(router, context, watch);
  router.all("/:verb", (_req, _res, next) => next(refusalOf("MUSTER_VERB_UNKNOWN")));
};
