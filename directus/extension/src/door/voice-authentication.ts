import { BOARD_ERRORS, type BoardErrorCode, messageOf } from "@muster/board/errors";
import type { Response } from "../directus-api.ts";

/** How Directus names a token that it does not accept, and what an agent should be told. */
const VOICED: ReadonlyMap<unknown, BoardErrorCode> = new Map([
  ["INVALID_CREDENTIALS", "MUSTER_TOKEN_INVALID"],
  ["INVALID_TOKEN", "MUSTER_TOKEN_INVALID"],
  ["TOKEN_EXPIRED", "MUSTER_TOKEN_EXPIRED"],
]);

/** Gives Directus's refusals of a token the board's codes and next steps. Its answers to anything else pass as they are. */
export function voiceAuthentication(res: Response): void {
  const json = res.json.bind(res);
  res.json = (body) => {
    const code = VOICED.get(firstCode(body));
    if (code !== undefined) res.status(BOARD_ERRORS[code].status);
    if (res.statusCode === 401) res.set("WWW-Authenticate", "Bearer");
    return json(code === undefined ? body : { errors: [{ message: messageOf(code), extensions: { code } }] });
  };
}

function firstCode(body: unknown): unknown {
  if (typeof body !== "object" || body === null || !("errors" in body) || !Array.isArray(body.errors)) return undefined;
  const first: unknown = body.errors[0];
  if (typeof first !== "object" || first === null || !("extensions" in first)) return undefined;
  const { extensions } = first;
  return typeof extensions === "object" && extensions !== null && "code" in extensions ? extensions.code : undefined;
}
