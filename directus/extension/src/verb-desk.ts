import type { Accountability, ExtensionContext } from "./directus-api.ts";
import { callLaw } from "./law.ts";
import { refusalOf } from "./muster-refusal.ts";
import type { ReadyWatch } from "./ready-watch.ts";
import type { Desk } from "./verbs/verb.ts";

interface DeskInput {
  readonly context: ExtensionContext;
  readonly watch: ReadyWatch;
  readonly accountability: Accountability | undefined;
  readonly schema: unknown;
  readonly signal: AbortSignal;
}

/** The board as one authenticated caller. @throws MusterRefusal MUSTER_NO_ACTOR for an anonymous one */
export function openDesk({ context, watch, accountability, schema, signal }: DeskInput): Desk {
  const actor = accountability?.user;
  if (accountability === undefined || actor === null || actor === undefined) throw refusalOf("MUSTER_NO_ACTOR");
  return {
    actor,
    law: (name, args) => callLaw(context.database, name, { ...args, actor }),
    readTasks: (query) =>
      new context.services.ItemsService("os_tasks", { schema, accountability }).readByQuery(query, {
        emitEvents: false,
      }),
    change: (until) => watch.change(until),
    signal,
  };
}
