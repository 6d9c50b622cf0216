import { z } from "zod";
import type { Answer, LawFunction } from "../law.ts";
import { checkArguments, readArguments } from "./arguments.ts";
import { type FlatSchema, flatSchema } from "./flat-schema.ts";
import { operationOf } from "./operation.ts";

/** What a verb may do on behalf of one caller. */
export interface Desk {
  /** directus_users.id of the authenticated caller; never taken from the request. */
  readonly actor: string;
  /** Calls a function of the law as the actor. */
  law(name: LawFunction, args: Readonly<Record<string, unknown>>): Promise<Answer>;
  /** Reads os_tasks with the caller's own rights. */
  readTasks(query: TaskQuery): Promise<readonly unknown[]>;
  /** Resolves after a change of the board, or after a few seconds, or rejects with the signal's reason. Holds no connection. */
  change(signal: AbortSignal): Promise<void>;
  /** Ends when the caller hangs up. */
  readonly signal: AbortSignal;
}

export interface TaskQuery {
  readonly fields: readonly string[];
  readonly filter: Readonly<Record<string, unknown>>;
  readonly sort?: readonly string[];
  readonly limit: number;
}

/** MCP's hints about a tool; each absent one has MCP's default (not read-only, destructive, not idempotent, open world). */
export interface Hints {
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

export interface Verb {
  readonly name: string;
  /** One or two sentences for a model. */
  readonly description: string;
  readonly hints: Hints;
  readonly schema: FlatSchema;
  /** Reads the arguments, then acts. @throws MusterRefusal for arguments; what the law throws. */
  invoke(desk: Desk, raw: unknown): Promise<Answer>;
}

interface VerbSpec<Shape extends z.ZodRawShape> {
  readonly name: string;
  readonly description: string;
  /** Reads only, or writes; nothing a verb does destroys anything. */
  readonly writes: boolean;
  readonly shape: Shape;
  /** `op` is the caller's idempotency key as the law wants it; null without one. */
  run(desk: Desk, args: z.output<z.ZodObject<Shape>>, op: string | null): Promise<Answer>;
}

/** Idempotency key: a repeat with the same key and arguments gets the recorded answer. */
const KEY = z.string().min(1).max(200).optional();

const KEY_ARGUMENT = z.object({ key: KEY });

/** A verb from its parts; every verb also takes `key`. Schemas are made once here: making one costs more than checking with it. */
export function defineVerb<Shape extends z.ZodRawShape>(spec: VerbSpec<Shape>): Verb {
  const args = z.strictObject(spec.shape);
  const schema = flatSchema(z.strictObject({ ...spec.shape, key: KEY }));
  return {
    name: spec.name,
    description: spec.description,
    hints: spec.writes
      ? { destructiveHint: false, idempotentHint: true, openWorldHint: false }
      : { readOnlyHint: true, openWorldHint: false },
    schema,
    async invoke(desk, raw) {
      const { key, ...rest } = readArguments(spec.name, schema, raw);
      const named = checkArguments(spec.name, KEY_ARGUMENT, { key });
      const parsed = checkArguments(spec.name, args, rest);
      return spec.run(desk, parsed, operationOf(desk.actor, named.key));
    },
  };
}
