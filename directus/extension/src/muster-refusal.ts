import { BOARD_ERRORS, type BoardErrorCode, type MusterErrorAnswer, messageOf } from "@muster/board/errors";

/**
 * An error that Directus shows as it is: REST and GraphQL with status, code and extensions, MCP with message and code only.
 * Directus knows its own errors by `name` alone, so no package of Directus is needed to make one.
 */
export class MusterRefusal extends Error {
  readonly code: BoardErrorCode;
  readonly status: number;
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(answer: MusterErrorAnswer, options?: ErrorOptions) {
    super(answer.message, options);
    this.name = "DirectusError";
    this.code = answer.code;
    this.status = answer.status;
    this.extensions = answer.extensions ?? {};
  }
}

/** A refusal with the catalogue's own text. */
export function refusalOf(code: BoardErrorCode): MusterRefusal {
  return new MusterRefusal({ code, status: BOARD_ERRORS[code].status, message: messageOf(code) });
}
