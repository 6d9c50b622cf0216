import type { Endpoint, ExtensionContext, Next, Request, Response } from "./directus-api.ts";
import type { ReadyWatch } from "./ready-watch.ts";
import { refuse } from "./refuse.ts";
import { openDesk } from "./verb-desk.ts";
import { VERBS } from "./verbs/registry.ts";
import type { Verb } from "./verbs/verb.ts";

/** `POST /muster/<verb>` with one JSON object: `{"data": answer}`, or `{"errors":[{message, extensions:{code, …}}]}` as Directus has it. */
export function mountRest(router: Parameters<Endpoint>[0], context: ExtensionContext, watch: ReadyWatch): void {
  for (const verb of VERBS) {
    router.post(`/${verb.name}`, (req, res, next) => {
      answer(verb, { context, watch, req, res }).catch((error: unknown) => refused(error, context, res, next));
    });
  }
}

interface Exchange {
  readonly context: ExtensionContext;
  readonly watch: ReadyWatch;
  readonly req: Request;
  readonly res: Response;
}

async function answer(verb: Verb, { context, watch, req, res }: Exchange): Promise<void> {
  const desk = openDesk({
    context,
    watch,
    accountability: req.accountability,
    schema: req.schema,
    signal: hangUp(res),
  });
  const data = await verb.invoke(desk, withKey(req));
  if (!res.destroyed) res.set("Cache-Control", "no-store").json({ data });
}

function refused(error: unknown, context: ExtensionContext, res: Response, next: Next): void {
  // Nobody is there to hear it.
  if (res.destroyed) return;
  next(refuse(error, context.logger));
}

/** The idempotency key may come as the header that HTTP clients know; the body's own wins. */
function withKey(req: Request): unknown {
  const header = req.headers["idempotency-key"];
  const body = req.body;
  if (typeof header !== "string" || typeof body !== "object" || body === null || Array.isArray(body)) return body;
  return { key: header, ...body };
}

/** Aborts when the caller closes the connection before the answer. */
export function hangUp(res: Response): AbortSignal {
  const controller = new AbortController();
  res.on("close", () => {
    if (!res.writableFinished) controller.abort();
  });
  return controller.signal;
}
