import { counted } from "../../output/counted.ts";
import type { Stack } from "../../stack/stack.ts";
import { type Check, fail, pass } from "../check.ts";

interface Refusal {
  readonly what: string;
  readonly expected: readonly number[];
  readonly request: (stack: Stack) => { readonly url: string; readonly init: RequestInit };
}

const WRONG_TOKEN = { authorization: "Bearer not-a-token-of-this-board" };
const JSON_BODY = { "content-type": "application/json" };

/** Each must be refused: the negative half of every "it works". */
const REFUSALS: readonly Refusal[] = [
  {
    what: "Directus items without a token",
    expected: [401, 403],
    request: ({ config }) => ({ url: `http://127.0.0.1:${config.directusPort}/items/os_tasks`, init: {} }),
  },
  {
    what: "Directus items with a wrong token",
    expected: [401],
    request: ({ config }) => ({
      url: `http://127.0.0.1:${config.directusPort}/items/os_tasks`,
      init: { headers: WRONG_TOKEN },
    }),
  },
  {
    what: "Directus MCP without a token",
    expected: [401, 403],
    request: ({ config }) => ({
      url: `http://127.0.0.1:${config.directusPort}/mcp`,
      init: {
        method: "POST",
        headers: { ...JSON_BODY, accept: "application/json, text/event-stream" },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
      },
    }),
  },
  {
    what: "search without a key",
    expected: [401],
    request: ({ config }) => ({
      url: `http://127.0.0.1:${config.ragPort}/search`,
      init: { method: "POST", headers: JSON_BODY, body: JSON.stringify({ query: "probe" }) },
    }),
  },
  {
    what: "search with a wrong key",
    expected: [401],
    request: ({ config }) => ({
      url: `http://127.0.0.1:${config.ragPort}/search`,
      init: { method: "POST", headers: { ...JSON_BODY, ...WRONG_TOKEN }, body: JSON.stringify({ query: "probe" }) },
    }),
  },
  {
    what: "a write to the portal",
    expected: [405],
    request: ({ config }) => ({
      url: `http://127.0.0.1:${config.portalPort}/board`,
      init: { method: "POST", body: "x" },
    }),
  },
];

/** SEC-08. */
export const strangersRefused: Check = {
  id: "SEC-08",
  title: "Missing and wrong tokens are refused by every service",
  severity: "error",
  dependsOn: ["ID-02", "ID-03", "ID-04"],
  timeoutMs: 15_000,
  async probe(stack, signal) {
    for (const { what, expected, request } of REFUSALS) {
      const { url, init } = request(stack);
      const response = await fetch(url, { ...init, redirect: "manual", signal });
      await response.body?.cancel();
      if (!expected.includes(response.status)) {
        return fail(`${what} was answered ${response.status}`, {
          expected: expected.join(" or "),
          actual: `${response.status}`,
        });
      }
    }
    return pass(`${counted(REFUSALS.length, "request")} refused: ${REFUSALS.map(({ what }) => what).join(", ")}`);
  },
  fix: { summary: "elk-os migrate sets the policies again; for search and portal: elk-os up --only up" },
};
