/**
 * Every error the board can answer with, as data, and the one translator from a Postgres error to it.
 * SQL raises `MUxxx` with a DETAIL of `{"code":"MUSTER_…","message":"…", …facts}`; only its code and message reach a caller.
 * Bundled into the Directus extension: no import that needs a file system.
 */

export interface BoardErrorSpec {
  /** HTTP status. */
  readonly status: number;
  /** SQLSTATE that the database raises; null where the error is made outside SQL. */
  readonly sqlstate: string | null;
  /** What happened, in one sentence. */
  readonly title: string;
  /** What the caller does next. */
  readonly next: string;
}

const law = (status: 401 | 403 | 404 | 409 | 412 | 422 | 424 | 428 | 429, title: string, next: string) => ({
  status,
  sqlstate: `MU${status}`,
  title,
  next,
});
const outside = (status: number, title: string, next: string) => ({ status, sqlstate: null, title, next });

/** Codes are permanent: never renamed, never reused. */
export const BOARD_ERRORS = {
  MUSTER_NO_ACTOR: law(401, "The write names no user.", "Send a token; every write needs an authenticated user."),
  MUSTER_AGENT_UNKNOWN: law(403, "The user is not registered as an agent.", "Ask a steward to run `elk-os agent add`."),
  MUSTER_AGENT_SUSPENDED: law(403, "The agent is suspended.", "Stop work and ask a steward."),
  MUSTER_NOT_HOLDER: law(403, "Another user holds the task.", "Leave this task; claim another one that is ready."),
  MUSTER_RAW_WRITE: law(
    403,
    "A guarded column was written past the API.",
    "Write through the items API or call the board's functions.",
  ),
  MUSTER_STEWARD_ONLY: law(403, "Only a steward may do this.", "Ask a steward, or leave a note on the task."),
  MUSTER_SELF_REVIEW: law(403, "The author may not verify its own work.", "Leave the review to another agent."),
  MUSTER_SAME_FAMILY: law(
    403,
    "This risk needs a verifier of another model family.",
    "Leave the review to an agent of another model family.",
  ),
  MUSTER_CAPABILITY_MISSING: law(
    403,
    "The task needs capabilities that the agent lacks.",
    "Claim a task that matches your capabilities.",
  ),
  MUSTER_APPEND_ONLY: law(403, "This record is only ever added to.", "Write a new record; old ones stay."),
  MUSTER_DELETE_FORBIDDEN: law(
    403,
    "Board records are never deleted.",
    "Cancel the task, suspend the agent, or archive the project.",
  ),
  MUSTER_NOT_FOUND: law(404, "No such record.", "Read the list again and use an id from it."),
  MUSTER_CLAIM_CONFLICT: law(
    409,
    "The task is claimed by somebody else.",
    "Do not retry this task; claim another one that is ready.",
  ),
  MUSTER_PATH_RESERVED: law(
    409,
    "A path of the task is reserved by another agent.",
    "Claim another task, or wait until the reservation ends.",
  ),
  MUSTER_DUPLICATE: outside(409, "A record with this key exists.", "Read the existing record and update it instead."),
  MUSTER_STALE_VERSION: law(
    412,
    "The record has moved since it was read.",
    "Read it again, then send the version that you read.",
  ),
  MUSTER_FENCED: law(
    412,
    "The claim was superseded or has ended.",
    "Stop work on this task; read it again before anything else.",
  ),
  MUSTER_NOT_CLAIMABLE: law(422, "The task cannot be claimed in its status.", "Claim a task that is ready."),
  MUSTER_TRANSITION_ILLEGAL: law(
    422,
    "The task cannot go from its status to that one.",
    "Read the task's status and take one of the steps named in the message.",
  ),
  MUSTER_ACCEPTANCE_REQUIRED: law(
    422,
    "A ready task needs at least one acceptance item.",
    'Send acceptance as [{"id":"a1","text":"…"}].',
  ),
  MUSTER_SUBMISSION_REQUIRED: law(
    422,
    "A submission names no result.",
    "Send submitted_commit or submitted_artifact with the status.",
  ),
  MUSTER_EVIDENCE_REQUIRED: law(
    422,
    "A verdict carries too little evidence.",
    "Send evidence: what was run, where, and what came out; checks and commit, too, where the acceptance names checks.",
  ),
  MUSTER_BLOCK_INCOMPLETE: law(
    422,
    "A block does not say enough.",
    "Send blocked_type and blocked_reason; needs_human also needs blocked_owner and blocked_action.",
  ),
  MUSTER_REASON_REQUIRED: law(422, "This step needs a reason.", "Send status_reason."),
  MUSTER_ATTEMPTS_EXHAUSTED: law(
    422,
    "The task has used all its attempts.",
    "A steward raises max_attempts or splits the task.",
  ),
  MUSTER_FIELD_PROTECTED: law(422, "The field belongs to the board.", "Leave the field out; the board sets it."),
  MUSTER_DEPENDENCY_CYCLE: law(422, "The dependency would close a circle.", "Leave out one of the dependencies."),
  MUSTER_OPERATION_REUSED: law(
    422,
    "The operation id belongs to another operation.",
    "Make a new id for each operation; send the same one only to repeat it unchanged.",
  ),
  MUSTER_REFERENCE_UNKNOWN: law(422, "The record refers to one that does not exist.", "Name an existing record."),
  MUSTER_DOCUMENT_INVALID: law(
    422,
    "A history document breaks its format.",
    "Correct the row that the message names; nothing was written.",
  ),
  MUSTER_VALUE_INVALID: law(
    422,
    "A value breaks a rule of its field.",
    "Read the field's note and send an allowed value.",
  ),
  MUSTER_DEPENDENCY_OPEN: law(
    424,
    "A task that this one depends on is not done.",
    "Claim one of the open dependencies, or another task.",
  ),
  MUSTER_CLAIM_REQUIRED: law(
    428,
    "The task is not claimed.",
    'Claim it first: {"claim_session":"<nonce of your session>"}.',
  ),
  MUSTER_FENCE_REQUIRED: law(
    428,
    "The write does not name its claim.",
    'Send "fence" with the claim_epoch that you got when you claimed.',
  ),
  MUSTER_WIP_LIMIT: law(429, "The agent holds as many tasks as it may.", "Finish or release one first."),
  MUSTER_BOARD_BUSY: outside(
    503,
    "Another write was in the way, or every connection of the board was taken.",
    "Send the same request again in a moment.",
  ),
  MUSTER_BOARD_UNAVAILABLE: outside(
    503,
    "The board's database is stopping or not answering.",
    "Send the same request again in a few seconds.",
  ),
  MUSTER_INTERNAL: outside(500, "The board failed.", "Report it with the time; the cause is in the service's log."),
  MUSTER_TOKEN_INVALID: outside(
    401,
    "The token is not known: wrong, rotated, or of a suspended user.",
    "Read your token again from where it is kept, or ask a steward.",
  ),
  MUSTER_TOKEN_EXPIRED: outside(401, "The token has expired.", "Log in again, or use a static token."),
  MUSTER_ORIGIN_REFUSED: outside(
    403,
    "A page of another origin sent this.",
    "Call from a program, or from a page of the board's own address.",
  ),
  MUSTER_VERB_UNKNOWN: outside(
    404,
    "There is no such verb, or not by this method.",
    "POST to a verb of docs/verbs.md.",
  ),
  MUSTER_BODY_INVALID: outside(
    400,
    "The body is no JSON object.",
    "Send one object with Content-Type: application/json, not compressed.",
  ),
  MUSTER_BODY_TOO_LARGE: outside(
    413,
    "The body is larger than 256 KiB.",
    "Put long output into a file or artifact and name that.",
  ),
  MUSTER_NONCE_INVALID: outside(400, "The nonce is missing or malformed.", "Send base64url of 16 to 64 random bytes."),
  MUSTER_MIGRATION_EDITED: outside(
    500,
    "An applied migration file was changed.",
    "Restore the file and put the change into a new migration.",
  ),
  MUSTER_MIGRATION_UNKNOWN: outside(
    500,
    "The database has a migration that this version does not know.",
    "Run the newer version that applied it.",
  ),
  MUSTER_MIGRATION_OUT_OF_ORDER: outside(
    500,
    "A migration file comes before one that is already applied.",
    "Give it the next free number.",
  ),
  MUSTER_MIGRATION_FAILED: outside(
    500,
    "A migration failed and was rolled back.",
    "Earlier migrations stay applied; fix the cause and migrate again.",
  ),
} as const satisfies Record<string, BoardErrorSpec>;

export type BoardErrorCode = keyof typeof BOARD_ERRORS;

/** What a caller may see: nothing of SQL. */
export interface MusterErrorAnswer {
  readonly code: BoardErrorCode;
  readonly status: number;
  /** Says what happened and what to do next. */
  readonly message: string;
  /** Facts from the law, such as claim_epoch; absent when there are none. */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** Thrown by the board's own TypeScript (migrations, loaders). */
export class BoardError extends Error {
  readonly code: BoardErrorCode;
  readonly status: number;

  constructor(code: BoardErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "BoardError";
    this.code = code;
    this.status = BOARD_ERRORS[code].status;
  }
}

export function isBoardErrorCode(code: unknown): code is BoardErrorCode {
  return typeof code === "string" && Object.hasOwn(BOARD_ERRORS, code);
}

/** Title and next step as one text: what MCP clients see when the error brings no message of its own. */
export function messageOf(code: BoardErrorCode): string {
  return `${BOARD_ERRORS[code].title} ${BOARD_ERRORS[code].next}`;
}

/** SQLSTATEs whose error belongs to the caller's input or to the moment, and what each means. The longest prefix wins. */
const SQLSTATE_CODES: readonly (readonly [prefix: string, code: BoardErrorCode])[] = [
  ["23503", "MUSTER_REFERENCE_UNKNOWN"],
  ["23505", "MUSTER_DUPLICATE"],
  ["40P01", "MUSTER_BOARD_BUSY"],
  ["55P03", "MUSTER_BOARD_BUSY"],
  ["22", "MUSTER_VALUE_INVALID"],
  ["23", "MUSTER_VALUE_INVALID"],
  ["57", "MUSTER_BOARD_UNAVAILABLE"],
];

/**
 * Translates anything thrown by a Postgres client. Pure; never throws.
 * `MUxxx` keeps the law's own message and facts; known SQLSTATE classes get the catalogue's text plus the name of the column or
 * constraint; everything else is MUSTER_INTERNAL, without a word of SQL.
 */
export function toMusterError(error: unknown): MusterErrorAnswer {
  const sqlstate = textField(error, "code");
  // Of Directus's pool, when no connection became free in its time: the statement was never sent.
  if (error instanceof Error && error.name === "KnexTimeoutError") return plain("MUSTER_BOARD_BUSY");
  if (sqlstate === null) return plain("MUSTER_INTERNAL");
  if (/^MU\d{3}$/.test(sqlstate)) return fromLaw(sqlstate, error);
  const known = SQLSTATE_CODES.find(([prefix]) => sqlstate.startsWith(prefix));
  if (known === undefined) return plain("MUSTER_INTERNAL");
  const [, code] = known;
  const subject = textField(error, "column") ?? textField(error, "constraint");
  if (subject === null || code === "MUSTER_BOARD_UNAVAILABLE" || code === "MUSTER_BOARD_BUSY") return plain(code);
  const { title, next } = BOARD_ERRORS[code];
  return { code, status: BOARD_ERRORS[code].status, message: `${title.slice(0, -1)} (${subject}). ${next}` };
}

function plain(code: BoardErrorCode): MusterErrorAnswer {
  return { code, status: BOARD_ERRORS[code].status, message: messageOf(code) };
}

function fromLaw(sqlstate: string, error: unknown): MusterErrorAnswer {
  const detail = parseObject(textField(error, "detail"));
  const { code, message, ...extensions } = detail;
  if (!isBoardErrorCode(code) || BOARD_ERRORS[code].sqlstate !== sqlstate) return plain("MUSTER_INTERNAL");
  const answer = {
    code,
    status: BOARD_ERRORS[code].status,
    message: typeof message === "string" && message !== "" ? message : messageOf(code),
  };
  return Object.keys(extensions).length === 0 ? answer : { ...answer, extensions };
}

function textField(value: unknown, name: string): string | null {
  if (typeof value !== "object" || value === null) return null;
  const field: unknown = Reflect.get(value, name);
  return typeof field === "string" && field !== "" ? field : null;
}

function parseObject(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    // A DETAIL that is no JSON was not written by the law: the caller gets MUSTER_INTERNAL.
    return {};
  }
}
