import { add } from "./add.ts";
import { next, review } from "./claiming.ts";
import { join } from "./join.ts";
import { find, show } from "./looking.ts";
import { note } from "./note.ts";
import { release } from "./release.ts";
import { replay } from "./replay.ts";
import { events, heartbeat, leave, reserve, usage } from "./sidecar.ts";
import { submit } from "./submit.ts";
import type { Verb } from "./verb.ts";
import { verdict } from "./verdict.ts";

/** What a model sees over MCP, in the order of use. Also served over REST. */
export const TOOLS: readonly Verb[] = [join, next, show, find, note, release, submit, review, verdict, add];

/** Everything below `/muster/`: the tools, and what only hooks and scripts call. */
export const VERBS: readonly Verb[] = [...TOOLS, heartbeat, leave, reserve, usage, events, replay];
