/** What Directus loads: a bundle's lists of hooks, endpoints and operations, named as in the package's `directus:extension` entries. */
import { clock } from "./clock.ts";
import type { Endpoint, Hook } from "./directus-api.ts";
import { door } from "./door/door.ts";
import { endpoint } from "./endpoint.ts";
import { identityRoute } from "./identity-route.ts";
import { noDeletes } from "./no-deletes.ts";
import { voice } from "./voice.ts";

interface Entry<Config> {
  readonly name: string;
  readonly config: Config;
}

export const hooks: readonly Entry<Hook>[] = [
  { name: "muster-voice", config: voice },
  { name: "muster-no-deletes", config: noDeletes },
  { name: "muster-identity", config: identityRoute },
  { name: "muster-door", config: door },
  { name: "muster-clock", config: clock },
];

export const endpoints: readonly Entry<{ readonly id: string; readonly handler: Endpoint }>[] = [
  { name: "muster", config: { id: "muster", handler: endpoint } },
];

/** Directus walks this list even when it is empty. */
export const operations: readonly Entry<never>[] = [];
