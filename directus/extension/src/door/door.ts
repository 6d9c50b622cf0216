import type { Hook, Request, Response } from "../directus-api.ts";
import { publicOrigin } from "../environment.ts";
import { refusalOf } from "../muster-refusal.ts";
import { readBody } from "./read-body.ts";
import { voiceAuthentication } from "./voice-authentication.ts";

/**
 * What stands before Directus's own middleware for everything below `/muster`: a browser of another origin, a body that is too large or no
 * JSON are refused before anybody is authenticated or anything is parsed twice.
 */
export const door: Hook = ({ init }) => {
  init("middlewares.before", ({ app }) => {
    app.use("/muster", (req, res, next) => {
      voiceAuthentication(res);
      if (!isOwnOrigin(req)) return next(refusalOf("MUSTER_ORIGIN_REFUSED"));
      if (req.method !== "POST") return next();
      readBody(req).then(
        (body) => {
          req.body = body;
          req._body = true;
          next();
        },
        (error: unknown) => refuseBody(req, res, error, next),
      );
    });
  });
};

/** Only browsers send it. Without the check a page could drive the board of whoever reads it, by rebinding a name to loopback. */
function isOwnOrigin(req: Request): boolean {
  const { origin } = req.headers;
  return origin === undefined || origin === publicOrigin();
}

function refuseBody(req: Request, res: Response, error: unknown, next: (error: unknown) => void): void {
  if (req.path === "/mcp" && error instanceof SyntaxError) {
    res.status(400).json({ jsonrpc: "2.0", id: null, error: { code: -32700, message: "The body is no JSON." } });
    return;
  }
  next(error instanceof SyntaxError ? refusalOf("MUSTER_BODY_INVALID") : error);
}
