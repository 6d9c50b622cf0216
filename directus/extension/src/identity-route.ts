import { messageOf } from "@muster/board/errors";
import { answerIdentity, IDENTITY_PATH, type IdentityConfig } from "@muster/board/identity";
import { askBoardHealth } from "./board-health.ts";
import type { Hook, Knex, Logger, Request, Response } from "./directus-api.ts";
import { loadIdentityConfig } from "./environment.ts";

/**
 * `GET /.well-known/muster/identity?nonce=…`, without a token. Mounted by `routes.custom.before`, because an endpoint extension
 * can only serve paths under its own name. A missing key never stops Directus: the route answers 503 until it can be read.
 */
export const identityRoute: Hook = ({ init }, { database, logger }) => {
  let config: IdentityConfig | null = null;
  init("routes.custom.before", ({ app }) => {
    app.get(IDENTITY_PATH, (req, res, next) => {
      config ??= configOrNull(logger);
      answer(config, database, req, res).catch(next);
    });
  });
};

async function answer(config: IdentityConfig | null, database: Knex, req: Request, res: Response): Promise<void> {
  res.set("Cache-Control", "no-store");
  if (config === null) {
    const code = "MUSTER_BOARD_UNAVAILABLE";
    res.status(503).json({ error: { code, message: `This service has no identity. ${messageOf(code)}` } });
    return;
  }
  const { status, body } = answerIdentity(config, req.query.nonce, await askBoardHealth(database));
  res.status(status).json(body);
}

function configOrNull(logger: Logger): IdentityConfig | null {
  try {
    return loadIdentityConfig();
  } catch (error) {
    logger.error(error, "The identity of this service cannot be loaded.");
    return null;
  }
}
