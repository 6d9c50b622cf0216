/** The door's policy, site by site. Caddy itself reads the file in the compose suite. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const CADDYFILE = readFileSync(join(import.meta.dirname, "..", "..", "..", "..", "Caddyfile"), "utf8");
/** Seconds that `next` and `review` may wait for a task at most (docs/verbs.md). */
const LONGEST_WAIT_S = 45;

/** The block that starts with this line, up to the brace that closes it at the margin. */
function block(head: string): string {
  const [, body] = CADDYFILE.split(`\n${head} {\n`);
  const end = body?.indexOf("\n}\n") ?? -1;
  if (body === undefined || end < 0) throw new Error(`The Caddyfile has no block ${head}.`);
  return body.slice(0, end);
}
const headerTimeout = (text: string) => /response_header_timeout (\d+)s/.exec(text)?.[1];

describe("the Caddyfile", () => {
  it("ends a call to Directus that is never answered, and none that may still be waited for", () => {
    const seconds = Number(headerTimeout(block(":{$ELK_OS_DIRECTUS_PORT}")));
    expect(seconds).toBeGreaterThanOrEqual(LONGEST_WAIT_S + 15);
    expect(seconds).toBeLessThanOrEqual(120);
  });

  it("sets no such limit for portal and search", () => {
    for (const port of ["ELK_OS_PORTAL_PORT", "ELK_OS_RAG_PORT"])
      expect(block(`:{$${port}}`).trim()).toMatch(/^import forward \w+:/);
    expect(headerTimeout(block("(forward)"))).toBeUndefined();
  });

  it("passes on each event when it is written, at every site", () => {
    for (const head of ["(forward)", ":{$ELK_OS_DIRECTUS_PORT}"]) expect(block(head)).toContain("flush_interval -1");
  });
});
