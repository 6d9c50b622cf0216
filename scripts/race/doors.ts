/** The doors of the board as a racer uses them: each tries to claim one task and says what it was told. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isBoardErrorCode, toMusterError } from "@muster/board/errors";
import { readAnswer } from "@muster/board/history/read-answer";
import type pg from "pg";
import { z } from "zod";

export const DOOR_NAMES = ["native-mcp", "rest", "graphql", "muster-mcp", "sql", "sql-next"] as const;
export type DoorName = (typeof DOOR_NAMES)[number];

export interface Racer {
  readonly name: string;
  readonly user: string;
  readonly token: string;
  readonly session: string;
}

/** Doors whose call may carry an idempotency key. */
export const KEYED_DOORS: readonly DoorName[] = ["muster-mcp", "sql", "sql-next"];

/** Won with the granted epoch, the task and its version and, of a verb, its answer as text; or refused with a code. */
export type Attempt =
  | {
      readonly won: true;
      /** The one that was asked for, but of a door that gives the best: that one. */
      readonly task: string;
      readonly epoch: number;
      readonly version: number;
      readonly answer: string | null;
    }
  | { readonly won: false; readonly code: string };

export interface Track {
  readonly url: string;
  /** The racer's own connection with the login that Directus has: racers wait for the board and not for each other. */
  line(racer: Racer): pg.Client;
  /** Counts an answer of 503, which is tried again. */
  pressed(): void;
}

/** @param task of sql-next without effect: it takes the best of the race's tasks @param key a uuid, of a keyed door only; null: without */
type Door = (track: Track, racer: Racer, task: string, key: string | null) => Promise<Attempt>;

const RETRY_MS = 50;
/** Key of the project that every race is run in. */
export const PROJECT_KEY = "race";
/** With a name it is parsed once for each connection. */
const statement = (name: string) => ({ name, text: readFileSync(join(import.meta.dirname, `${name}.sql`), "utf8") });
const CLAIM = statement("claim");
const CLAIM_NEXT = statement("claim-next");
/** What claim_next says when it grants nothing: no refusal, hence no code of the law. */
const NOTHING_READY = "NOTHING_READY";

const heldRow = z.looseObject({ claim_epoch: z.int(), version: z.int() });
const grant = z.looseObject({ fence: z.int(), task: z.looseObject({ version: z.int() }) });
const next = z.union([
  z.looseObject({ claimed: z.literal(true), task: z.looseObject({ id: z.string() }) }),
  z.looseObject({ claimed: z.literal(false), reason: z.enum(["nothing_ready", "wip_limit"]) }),
]);
const restBody = z.object({
  data: z.unknown().optional(),
  errors: z.array(z.object({ message: z.string(), extensions: z.looseObject({ code: z.string() }) })).optional(),
});
const toolBody = z.object({
  result: z.object({
    isError: z.boolean().default(false),
    content: z.array(z.object({ text: z.string() })).min(1),
    structuredContent: z.unknown().optional(),
  }),
});
const refused = z.looseObject({ code: z.string() });
const nativeRows = z.object({ raw: z.tuple([heldRow]) });
const nativeErrors = z.array(z.object({ code: z.string().default("UNKNOWN") })).min(1);

export const DOORS: Readonly<Record<DoorName, Door>> = {
  async rest(track, racer, task) {
    const path = `/items/os_tasks/${task}?fields=claim_epoch,version`;
    const body = restBody.parse(await send(track, racer, "PATCH", path, { claim_session: racer.session }));
    const [refusal] = body.errors ?? [];
    return refusal === undefined ? won(task, heldRow.parse(body.data)) : lost(refusal.extensions.code);
  },
  async graphql(track, racer, task) {
    const query =
      "mutation ($id: ID!, $s: String!) { update_os_tasks_item(id: $id, data: { claim_session: $s }) { claim_epoch version } }";
    const sent = { query, variables: { id: task, s: racer.session } };
    const body = restBody.parse(await send(track, racer, "POST", "/graphql", sent));
    const [refusal] = body.errors ?? [];
    if (refusal !== undefined) return lost(refusal.extensions.code);
    return won(task, z.object({ update_os_tasks_item: heldRow }).parse(body.data).update_os_tasks_item);
  },
  async "native-mcp"(track, racer, task) {
    const data = { claim_session: racer.session };
    const query = { fields: ["claim_epoch", "version"] };
    const args = { action: "update", collection: "os_tasks", keys: [task], data, query };
    const { isError, content } = await callTool(track, racer, "/mcp", "items", args);
    const said: unknown = JSON.parse(content[0]?.text ?? "null");
    if (isError) return lost(nativeErrors.parse(said)[0]?.code ?? "UNKNOWN");
    return won(task, nativeRows.parse(said).raw[0]);
  },
  async "muster-mcp"(track, racer, task, key) {
    const args = { task, session: racer.session, ...(key === null ? {} : { key }) };
    const { isError, structuredContent } = await callTool(track, racer, "/muster/mcp", "next", args);
    return isError ? lost(refused.parse(structuredContent).code) : granted(task, structuredContent);
  },
  sql(track, racer, task, key) {
    return callLaw(track, racer, CLAIM, [racer.user, task, racer.session, key], (answer) => granted(task, answer));
  },
  "sql-next"(track, racer, _task, key) {
    return callLaw(track, racer, CLAIM_NEXT, [racer.user, racer.session, PROJECT_KEY, key], (answer) => {
      const said = next.parse(answer);
      if (said.claimed) return granted(said.task.id, answer);
      return lost(said.reason === "wip_limit" ? "MUSTER_WIP_LIMIT" : NOTHING_READY);
    });
  },
};

async function callLaw(
  track: Track,
  racer: Racer,
  { name, text }: ReturnType<typeof statement>,
  values: readonly unknown[],
  read: (answer: unknown) => Attempt,
): Promise<Attempt> {
  try {
    const { rows } = await track.line(racer).query<{ answer: unknown }>({ name, text, values: [...values] });
    return read(rows[0]?.answer);
  } catch (error) {
    const { code } = toMusterError(error);
    if (!isBoardErrorCode(code) || code === "MUSTER_INTERNAL") throw error;
    return lost(code);
  }
}

function won(task: string, { claim_epoch: epoch, version }: z.infer<typeof heldRow>): Attempt {
  return { won: true, task, epoch, version, answer: null };
}
function granted(task: string, answer: unknown): Attempt {
  const { fence, task: row } = grant.parse(answer);
  return { won: true, task, epoch: fence, version: row.version, answer: readAnswer(answer).answer };
}
const lost = (code: string): Attempt => ({ won: false, code });

async function callTool(track: Track, racer: Racer, path: string, name: string, args: object) {
  const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } };
  return toolBody.parse(await send(track, racer, "POST", path, call)).result;
}

/** Directus's pressure limiter answers 503 before anything is done: tried again until it lets the call through. */
async function send(track: Track, { token }: Racer, method: string, path: string, body: object): Promise<unknown> {
  const headers = {
    Authorization: `Bearer ${token}`,
    "Content-Type": "application/json",
    Accept: "application/json, text/event-stream",
  };
  for (;;) {
    const response = await fetch(`${track.url}${path}`, { method, headers, body: JSON.stringify(body) });
    const text = await response.text();
    if (response.status !== 503) return JSON.parse(text);
    track.pressed();
    await sleep(RETRY_MS * (0.5 + Math.random()));
  }
}
