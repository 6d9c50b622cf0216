import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";

// src/board-health.ts
/** 2 s: longer than a loaded two-core machine needs for one catalogue row, short enough for a probe that waits 5 s. */
const ANSWER_TIMEOUT_MS = 2e3;
const OK = {
	state: "OK",
	reasons: []
};
const degraded = (reason) => ({
	state: "DEGRADED",
	reasons: [reason]
});
/**
* Whether the board stands behind this Directus right now. Asked anew each time: the schema appears while Directus runs.
* Reasons: `schema_absent` (before the first migrate), `database_unreachable`.
*/
async function askBoardHealth(database) {
	let timer;
	const tooLate = new Promise((resolve) => {
		timer = setTimeout(() => resolve(degraded("database_unreachable")), ANSWER_TIMEOUT_MS);
	});
	try {
		return await Promise.race([readSchemaState(database), tooLate]);
	} finally {
		clearTimeout(timer);
	}
}
async function readSchemaState(database) {
	try {
		return await database.withSchema("pg_catalog").from("pg_namespace").where({ nspname: "muster" }).first("oid") === void 0 ? degraded("schema_absent") : OK;
	} catch {
		return degraded("database_unreachable");
	}
}

// ../../board/src/errors.ts
const law = (status, title, next) => ({
	status,
	sqlstate: `MU${status}`,
	title,
	next
});
const outside = (status, title, next) => ({
	status,
	sqlstate: null,
	title,
	next
});
/** Codes are permanent: never renamed, never reused. */
const BOARD_ERRORS = {
	MUSTER_NO_ACTOR: law(401, "The write names no user.", "Send a token; every write needs an authenticated user."),
	MUSTER_AGENT_UNKNOWN: law(403, "The user is not registered as an agent.", "Ask a steward to run `elk-os agent add`."),
	MUSTER_AGENT_SUSPENDED: law(403, "The agent is suspended.", "Stop work and ask a steward."),
	MUSTER_NOT_HOLDER: law(403, "Another user holds the task.", "Leave this task; claim another one that is ready."),
	MUSTER_RAW_WRITE: law(403, "A guarded column was written past the API.", "Write through the items API or call the board's functions."),
	MUSTER_STEWARD_ONLY: law(403, "Only a steward may do this.", "Ask a steward, or leave a note on the task."),
	MUSTER_SELF_REVIEW: law(403, "The author may not verify its own work.", "Leave the review to another agent."),
	MUSTER_SAME_FAMILY: law(403, "This risk needs a verifier of another model family.", "Leave the review to an agent of another model family."),
	MUSTER_CAPABILITY_MISSING: law(403, "The task needs capabilities that the agent lacks.", "Claim a task that matches your capabilities."),
	MUSTER_APPEND_ONLY: law(403, "This record is only ever added to.", "Write a new record; old ones stay."),
	MUSTER_DELETE_FORBIDDEN: law(403, "Board records are never deleted.", "Cancel the task, suspend the agent, or archive the project."),
	MUSTER_NOT_FOUND: outside(404, "No such record.", "Read the list again and use an id from it."),
	MUSTER_CLAIM_CONFLICT: law(409, "The task is claimed by somebody else.", "Do not retry this task; claim another one that is ready."),
	MUSTER_PATH_RESERVED: law(409, "A path of the task is reserved by another agent.", "Claim another task, or wait until the reservation ends."),
	MUSTER_DUPLICATE: outside(409, "A record with this key exists.", "Read the existing record and update it instead."),
	MUSTER_STALE_VERSION: law(412, "The record has moved since it was read.", "Read it again, then send the version that you read."),
	MUSTER_FENCED: law(412, "The claim was superseded or has ended.", "Stop work on this task; read it again before anything else."),
	MUSTER_NOT_CLAIMABLE: law(422, "The task cannot be claimed in its status.", "Claim a task that is ready."),
	MUSTER_TRANSITION_ILLEGAL: law(422, "The task cannot go from its status to that one.", "Read the task's status and take one of the steps named in the message."),
	MUSTER_ACCEPTANCE_REQUIRED: law(422, "A ready task needs at least one acceptance item.", "Send acceptance as [{\"id\":\"a1\",\"text\":\"…\"}]."),
	MUSTER_SUBMISSION_REQUIRED: law(422, "A submission names no result.", "Send submitted_commit or submitted_artifact with the status."),
	MUSTER_EVIDENCE_REQUIRED: law(422, "A verdict carries no evidence.", "Send evidence: what was run, where, and what came out."),
	MUSTER_BLOCK_INCOMPLETE: law(422, "A block does not say enough.", "Send blocked_type and blocked_reason; needs_human also needs blocked_owner and blocked_action."),
	MUSTER_REASON_REQUIRED: law(422, "This step needs a reason.", "Send status_reason."),
	MUSTER_ATTEMPTS_EXHAUSTED: law(422, "The task has used all its attempts.", "A steward raises max_attempts or splits the task."),
	MUSTER_FIELD_PROTECTED: law(422, "The field belongs to the board.", "Leave the field out; the board sets it."),
	MUSTER_DEPENDENCY_CYCLE: law(422, "The dependency would close a circle.", "Leave out one of the dependencies."),
	MUSTER_REFERENCE_UNKNOWN: law(422, "The record refers to one that does not exist.", "Name an existing record."),
	MUSTER_DOCUMENT_INVALID: law(422, "A history document breaks its format.", "Correct the row that the message names; nothing was written."),
	MUSTER_VALUE_INVALID: outside(422, "A value breaks a rule of its field.", "Read the field's note and send an allowed value."),
	MUSTER_DEPENDENCY_OPEN: law(424, "A task that this one depends on is not done.", "Claim one of the open dependencies, or another task."),
	MUSTER_CLAIM_REQUIRED: law(428, "The task is not claimed.", "Claim it first: {\"claim_session\":\"<nonce of your session>\"}."),
	MUSTER_FENCE_REQUIRED: law(428, "The write does not name its claim.", "Send \"fence\" with the claim_epoch that you got when you claimed."),
	MUSTER_WIP_LIMIT: law(429, "The agent holds as many tasks as it may.", "Finish or release one first."),
	MUSTER_BOARD_BUSY: outside(503, "Another write was in the way.", "Send the same request again in a moment."),
	MUSTER_BOARD_UNAVAILABLE: outside(503, "The board's database is stopping or not answering.", "Send the same request again in a few seconds."),
	MUSTER_INTERNAL: outside(500, "The board failed.", "Report it with the time; the cause is in the service's log."),
	MUSTER_NONCE_INVALID: outside(400, "The nonce is missing or malformed.", "Send base64url of 16 to 64 random bytes."),
	MUSTER_MIGRATION_EDITED: outside(500, "An applied migration file was changed.", "Restore the file and put the change into a new migration."),
	MUSTER_MIGRATION_UNKNOWN: outside(500, "The database has a migration that this version does not know.", "Run the newer version that applied it."),
	MUSTER_MIGRATION_OUT_OF_ORDER: outside(500, "A migration file comes before one that is already applied.", "Give it the next free number."),
	MUSTER_MIGRATION_FAILED: outside(500, "A migration failed and was rolled back.", "Earlier migrations stay applied; fix the cause and migrate again.")
};
function isBoardErrorCode(code) {
	return typeof code === "string" && Object.hasOwn(BOARD_ERRORS, code);
}
/** Title and next step as one text: what MCP clients see when the error brings no message of its own. */
function messageOf(code) {
	return `${BOARD_ERRORS[code].title} ${BOARD_ERRORS[code].next}`;
}
/** SQLSTATEs whose error belongs to the caller's input or to the moment, and what each means. The longest prefix wins. */
const SQLSTATE_CODES = [
	["23503", "MUSTER_REFERENCE_UNKNOWN"],
	["23505", "MUSTER_DUPLICATE"],
	["40P01", "MUSTER_BOARD_BUSY"],
	["55P03", "MUSTER_BOARD_BUSY"],
	["22", "MUSTER_VALUE_INVALID"],
	["23", "MUSTER_VALUE_INVALID"],
	["57", "MUSTER_BOARD_UNAVAILABLE"]
];
/**
* Translates anything thrown by a Postgres client. Pure; never throws.
* `MUxxx` keeps the law's own message and facts; known SQLSTATE classes get the catalogue's text plus the name of the column or
* constraint; everything else is MUSTER_INTERNAL, without a word of SQL.
*/
function toMusterError(error) {
	const sqlstate = textField(error, "code");
	if (sqlstate === null) return plain("MUSTER_INTERNAL");
	if (/^MU\d{3}$/.test(sqlstate)) return fromLaw(sqlstate, error);
	const known = SQLSTATE_CODES.find(([prefix]) => sqlstate.startsWith(prefix));
	if (known === void 0) return plain("MUSTER_INTERNAL");
	const [, code] = known;
	const subject = textField(error, "column") ?? textField(error, "constraint");
	if (subject === null || code === "MUSTER_BOARD_UNAVAILABLE" || code === "MUSTER_BOARD_BUSY") return plain(code);
	const { title, next } = BOARD_ERRORS[code];
	return {
		code,
		status: BOARD_ERRORS[code].status,
		message: `${title.slice(0, -1)} (${subject}). ${next}`
	};
}
function plain(code) {
	return {
		code,
		status: BOARD_ERRORS[code].status,
		message: messageOf(code)
	};
}
function fromLaw(sqlstate, error) {
	const { code, message, ...extensions } = parseObject(textField(error, "detail"));
	if (!isBoardErrorCode(code) || BOARD_ERRORS[code].sqlstate !== sqlstate) return plain("MUSTER_INTERNAL");
	const answer = {
		code,
		status: BOARD_ERRORS[code].status,
		message: typeof message === "string" && message !== "" ? message : messageOf(code)
	};
	return Object.keys(extensions).length === 0 ? answer : {
		...answer,
		extensions
	};
}
function textField(value, name) {
	if (typeof value !== "object" || value === null) return null;
	const field = Reflect.get(value, name);
	return typeof field === "string" && field !== "" ? field : null;
}
function parseObject(text) {
	try {
		const value = JSON.parse(text ?? "{}");
		return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
	} catch {
		return {};
	}
}

// src/muster-refusal.ts
/**
* An error that Directus shows as it is: REST and GraphQL with status, code and extensions, MCP with message and code only.
* Directus knows its own errors by `name` alone, so no package of Directus is needed to make one.
*/
var MusterRefusal = class extends Error {
	code;
	status;
	extensions;
	constructor(answer, options) {
		super(answer.message, options);
		this.name = "DirectusError";
		this.code = answer.code;
		this.status = answer.status;
		this.extensions = answer.extensions ?? {};
	}
};
/** A refusal with the catalogue's own text. */
function refusalOf(code) {
	return new MusterRefusal({
		code,
		status: BOARD_ERRORS[code].status,
		message: messageOf(code)
	});
}

// src/provoke-conflict.ts
/** Two sessions of one caller: the second may not take what the first holds. */
const FIRST_SESSION = "conflict-probe-1";
const SECOND_SESSION = "conflict-probe-2";
/** Enough to pass over tasks that this caller may not claim for a reason of its own. */
const CANDIDATES_PER_STATUS = 3;
/** No hooks, flows or events: nobody may hear of a claim that never happened. Made anew: Directus counts mutations in the object it is given. */
const silent = () => ({ emitEvents: false });
/**
* Proves that the law speaks through this Directus: as the caller, claims a task that another holds, or a ready one under two sessions,
* through the same service as a PATCH, inside a transaction that never commits. Rejects with MUSTER_CLAIM_CONFLICT, or with the law's
* refusal of the last claim it tried (MUSTER_WIP_LIMIT, …), or MUSTER_NOT_FOUND when no task is held or ready. Leaves no trace.
*/
async function provokeConflict(context, caller, schema) {
	const tasksIn = (knex) => new context.services.ItemsService("os_tasks", {
		schema,
		accountability: caller,
		knex
	});
	let refusal = refusalOf("MUSTER_NOT_FOUND");
	for (const key of await findCandidates(tasksIn(context.database), caller)) {
		refusal = await context.database.transaction(async (trx) => {
			const tasks = tasksIn(trx);
			await tasks.updateOne(key, { claim_session: FIRST_SESSION }, silent());
			await tasks.updateOne(key, { claim_session: SECOND_SESSION }, silent());
			throw refusalOf("MUSTER_INTERNAL");
		}).catch(keepRefusal);
		if (refusal.code === "MUSTER_CLAIM_CONFLICT" || refusal.code === "MUSTER_INTERNAL") break;
	}
	throw refusal;
}
/** Anything but a refusal of ours is not what the law says, and passes on as it is. */
function keepRefusal(error) {
	if (error instanceof MusterRefusal) return error;
	throw error;
}
/** Held tasks first: whoever asks, and however much it holds itself, the law refuses those with a conflict. */
async function findCandidates(tasks, caller) {
	const held = {
		status: { _eq: "in_progress" },
		assigned_to: { _neq: caller.user }
	};
	const ready = { status: { _eq: "ready" } };
	return [...await tasks.readByQuery(queryOf(held, "-lease_expires_at"), silent()), ...await tasks.readByQuery(queryOf(ready, "number"), silent())].flatMap((row) => typeof row === "object" && row !== null && "id" in row && typeof row.id === "string" ? [row.id] : []);
}
function queryOf(filter, order) {
	return {
		fields: ["id"],
		filter,
		sort: [order],
		limit: CANDIDATES_PER_STATUS
	};
}

// src/endpoint.ts
/**
* `/muster/*`, behind Directus's own authentication.
* - `GET /muster/health` (open): `{state, reasons}` as in the identity; always 200.
* - `POST /muster/conflict` (any user): always refused; see provokeConflict.
*/
const endpoint = (router, context) => {
	router.get("/health", (_req, res, next) => {
		askBoardHealth(context.database).then((health) => res.set("Cache-Control", "no-store").json(health)).catch(next);
	});
	router.post("/conflict", (req, _res, next) => {
		const caller = req.accountability;
		if (caller?.user === null || caller === void 0) return next(refusalOf("MUSTER_NO_ACTOR"));
		provokeConflict(context, caller, req.schema).then(() => next(refusalOf("MUSTER_INTERNAL")), next);
	});
};

// ../../board/src/identity.ts
/**
* Who answers on this port? A service proves itself by a MAC over a nonce that the asker just made, so that another program on
* the same port, or a recorded answer, cannot pass. A MAC can still be relayed: the caller binds it to a process or container.
*/
/** Where every Muster service answers. */
const IDENTITY_PATH = "/.well-known/muster/identity";
const PROTOCOL = "muster-id/1";
const KEY_BYTES = 32;
const NONCE_BYTES = {
	min: 16,
	max: 64
};
/** Reasons are joined by a comma inside the MAC, so they may hold none. */
const REASON = /^[a-z0-9_.:-]+$/;
/** Reads the text of a key file (64 hex digits, surrounding white space allowed). Throws an Error without the key in its text. */
function parseServiceKey(text) {
	const hex = text.trim();
	if (!/^[0-9a-f]{64}$/i.test(hex)) throw new Error(`An identity key is ${KEY_BYTES} bytes written as 64 hex digits.`);
	return Buffer.from(hex, "hex");
}
/** The nonce when it is base64url (no padding) of 16 to 64 bytes, else null. */
function parseNonce(value) {
	if (typeof value !== "string" || !/^[A-Za-z0-9_-]+$/.test(value)) return null;
	const bytes = Buffer.from(value, "base64url");
	return bytes.toString("base64url") === value && bytes.length >= NONCE_BYTES.min && bytes.length <= NONCE_BYTES.max ? value : null;
}
/**
* The whole answer to `GET /.well-known/muster/identity?nonce=…`: send `body` as JSON with `status`.
* Compute `health` anew for every request. Pass the query parameter as it came; anything but a good nonce gets the 400.
*/
function answerIdentity(config, nonce, health) {
	const accepted = parseNonce(nonce);
	if (accepted === null) return {
		status: 400,
		body: { error: {
			code: "MUSTER_NONCE_INVALID",
			message: `Send ?nonce= with base64url of ${NONCE_BYTES.min} to ${NONCE_BYTES.max} random bytes.`
		} }
	};
	const { key, ...facts } = config;
	const unsigned = {
		...facts,
		state: health.state,
		reasons: [...health.reasons],
		nonce: accepted
	};
	if (!isCanonical(unsigned)) throw new Error("An identity field holds a line break, or a reason is no slug.");
	return {
		status: 200,
		body: {
			...unsigned,
			mac: macOf(key, unsigned).toString("hex")
		}
	};
}
function fieldsOf(answer) {
	const { instance, service, version, build, arch, boot, started, state, reasons, nonce } = answer;
	return [
		instance,
		service,
		version,
		build,
		arch,
		boot,
		started,
		state,
		reasons.join(","),
		nonce
	];
}
function isCanonical(answer) {
	return fieldsOf(answer).every((field) => !field.includes("\n")) && answer.reasons.every((r) => REASON.test(r));
}
function macOf(key, answer) {
	return createHmac("sha256", key).update(`${PROTOCOL}\n${fieldsOf(answer).join("\n")}`).digest();
}

// src/environment.ts
function required(name) {
	const value = process.env[name];
	if (value === void 0 || value === "") throw new Error(`${name} is not set.`);
	return value;
}
function readBootId() {
	try {
		return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
	} catch {
		return "";
	}
}
/**
* This service's identity from ELK_OS_INSTANCE_ID, _VERSION, _BUILD and the key in the file ELK_OS_IDENTITY_KEY_FILE.
* Throws an Error when a variable is missing (Directus was not started by elk-os) or the key file is unreadable or malformed.
*/
function loadIdentityConfig() {
	return {
		key: parseServiceKey(readFileSync(required("ELK_OS_IDENTITY_KEY_FILE"), "utf8")),
		instance: required("ELK_OS_INSTANCE_ID"),
		service: "directus",
		version: required("ELK_OS_VERSION"),
		build: required("ELK_OS_BUILD"),
		arch: process.arch,
		boot: readBootId(),
		started: (/* @__PURE__ */ new Date(Date.now() - process.uptime() * 1e3)).toISOString()
	};
}

// src/identity-route.ts
/**
* `GET /.well-known/muster/identity?nonce=…`, without a token. Mounted by `routes.custom.before`, because an endpoint extension
* can only serve paths under its own name. A missing key never stops Directus: the route answers 503 until it can be read.
*/
const identityRoute = ({ init }, { database, logger }) => {
	let config = null;
	init("routes.custom.before", ({ app }) => {
		app.get(IDENTITY_PATH, (req, res, next) => {
			config ??= configOrNull(logger);
			answer(config, database, req, res).catch(next);
		});
	});
};
async function answer(config, database, req, res) {
	res.set("Cache-Control", "no-store");
	if (config === null) {
		const code = "MUSTER_BOARD_UNAVAILABLE";
		res.status(503).json({ error: {
			code,
			message: `This service has no identity. ${messageOf(code)}`
		} });
		return;
	}
	const { status, body } = answerIdentity(config, req.query.nonce, await askBoardHealth(database));
	res.status(status).json(body);
}
function configOrNull(logger) {
	try {
		return loadIdentityConfig();
	} catch (error) {
		logger.error(error, "The identity of this service cannot be loaded.");
		return null;
	}
}

// src/no-deletes.ts
/** Every board collection, present and future. */
const BOARD_PREFIX = "os_";
/** Refuses every delete on the board with a sentence; the database's grants refuse it anyway, as a bare 500. */
const noDeletes = ({ filter }) => {
	filter("items.delete", (keys, { collection }) => {
		if (typeof collection === "string" && collection.startsWith(BOARD_PREFIX)) throw refusalOf("MUSTER_DELETE_FORBIDDEN");
		return keys;
	});
};

// src/voice.ts
/** Directus repeats a deadlocked transaction three times, but only when it sees this code: it must pass untouched. */
const DEADLOCK = "40P01";
/**
* What Directus shall throw instead of what the database client threw. Errors that Directus has already named are left alone,
* and so is a deadlock; everything else becomes a refusal with status, code and a next step, without a word of SQL.
*/
function voiceOf(error) {
	if (!(error instanceof Error) || error.name === "DirectusError") return error;
	if ("code" in error && error.code === DEADLOCK) return error;
	return new MusterRefusal(toMusterError(error), { cause: error });
}
/** Gives the law its voice: Directus emits `database.error` when an item create or update fails in the database. */
const voice = ({ filter }, { logger }) => {
	filter("database.error", (error) => {
		const spoken = voiceOf(error);
		if (spoken instanceof MusterRefusal && spoken.status === 500) logger.error(error, "The board failed.");
		return spoken;
	});
};

// src/bundle.ts
const hooks = [
	{
		name: "muster-voice",
		config: voice
	},
	{
		name: "muster-no-deletes",
		config: noDeletes
	},
	{
		name: "muster-identity",
		config: identityRoute
	}
];
const endpoints = [{
	name: "muster",
	config: {
		id: "muster",
		handler: endpoint
	}
}];
/** Directus walks this list even when it is empty. */
const operations = [];

export { endpoints, hooks, operations };