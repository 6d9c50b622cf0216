/** The door's policy, site by site. Caddy itself reads the file in the compose suite. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { configSchema } from "../../config/schema.ts";
import { CADDY_FILES, caddyEnvironment } from "./caddy-files.ts";

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
    const seconds = Number(headerTimeout(block("(directus)")));
    expect(seconds).toBeGreaterThanOrEqual(LONGEST_WAIT_S + 15);
    expect(seconds).toBeLessThanOrEqual(120);
  });

  it("sets no such limit for portal and search", () => {
    expect(block("(portal)").trim()).toBe("import forward {$ELK_OS_UPSTREAM_PORTAL}");
    expect(block(":{$ELK_OS_RAG_PORT}").trim()).toBe("import forward {$ELK_OS_UPSTREAM_RAG}");
    expect(headerTimeout(block("(forward)"))).toBeUndefined();
  });

  it("serves loopback's ports as it serves the names", () => {
    expect(block(":{$ELK_OS_PORTAL_PORT}").trim()).toBe("import portal");
    expect(block(":{$ELK_OS_DIRECTUS_PORT}").trim()).toBe("import directus");
  });

  it("has a value for every variable that it reads", () => {
    const config = configSchema.parse({ stateDir: "/state", cacheDir: "/cache", instance: "demo" });
    const read = [...CADDYFILE.matchAll(/\{\$([A-Z_]+)\}/g)].map(([, name]) => name);
    expect(Object.keys(caddyEnvironment({ config }))).toEqual(expect.arrayContaining(read));
  });

  it("finds what it imports beside itself, where elk-os lays it", () => {
    const imported = [...CADDYFILE.matchAll(/import (\S+\.caddy)$/gm)].map(([, name]) => name);
    expect(imported).toEqual(["tls.caddy", "site.caddy"]);
    expect(CADDY_FILES).toEqual(expect.arrayContaining(imported));
  });

  it("passes on each event when it is written, at every site", () => {
    for (const head of ["(forward)", "(directus)"]) expect(block(head)).toContain("flush_interval -1");
  });
});
