import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { Secret } from "./secret.ts";
import { openSecrets, SECRETS } from "./secrets.ts";

describe("the store", () => {
  test("makes a missing secret once: random hex, mode 0600, no newline at its end", () => {
    const folder = temporaryFolder();
    const store = openSecrets(folder);
    expect(store.has("rag_key")).toBe(false);
    expect(store.ensure("rag_key")).toBe(true);
    expect(readFileSync(join(folder, "rag_key"), "utf8")).toMatch(/^[0-9a-f]{64}$/);
    expect(statSync(join(folder, "rag_key")).mode & 0o777).toBe(0o600);
    expect(store.has("rag_key")).toBe(true);
  });

  test("never replaces one, not even an empty one", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "directus_secret"), "");
    writeFileSync(join(folder, "rag_key"), "mine");
    const store = openSecrets(folder);
    expect([store.ensure("directus_secret"), store.ensure("rag_key")]).toEqual([false, false]);
    expect(readFileSync(join(folder, "directus_secret"), "utf8")).toBe("");
    expect(store.read("rag_key").reveal()).toBe("mine");
  });

  test("makes a different one each time", () => {
    const [one, two] = [temporaryFolder(), temporaryFolder()].map((folder) => {
      const store = openSecrets(folder);
      store.ensure("instance_key");
      return store.read("instance_key").reveal();
    });
    expect(one).not.toBe(two);
  });

  test("forgives a newline that an editor put at the end", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "rag_key"), "mine\n");
    expect(openSecrets(folder).read("rag_key").reveal()).toBe("mine");
  });

  test("lists names in order, without what a killed write left behind", () => {
    const folder = temporaryFolder();
    for (const name of ["rag_key", "agent-a01", "rag_key.4711.tmp"]) writeFileSync(join(folder, name), "x");
    expect(openSecrets(folder).names()).toEqual(["agent-a01", "rag_key"]);
    expect(openSecrets(join(folder, "none")).names()).toEqual([]);
  });

  test("names a missing secret, not its place on disk, and how to make it", () => {
    const store = openSecrets(temporaryFolder());
    expect(() => store.read("rag_key")).toThrow(
      expect.objectContaining({
        code: "STATE_UNREADABLE",
        exit: 5,
        message: 'The secret "rag_key" cannot be read from the state folder.',
        hint: expect.stringContaining("elk-os up"),
      }),
    );
  });

  test("makes every secret of an instance with 256 random bits", () => {
    const folder = join(temporaryFolder(), "secrets");
    mkdirSync(folder);
    const store = openSecrets(folder);
    for (const [name, { bytes }] of Object.entries(SECRETS)) store.ensure(name as keyof typeof SECRETS, bytes);
    expect(readdirSync(folder).sort()).toEqual(Object.keys(SECRETS).sort());
    for (const name of readdirSync(folder)) expect(readFileSync(join(folder, name), "utf8")).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("a Secret never prints itself", () => {
  const secret = new Secret("hunter2");
  const holder = { secret, list: [secret], map: new Map([["key", secret]]) };

  test.each([
    ["String", String(secret)],
    ["a template", `${secret}`],
    ["concatenation", `the key is ${secret}`],
    ["JSON", JSON.stringify(holder)],
    ["inspect", inspect(holder, { depth: 9, showHidden: true })],
    ["format", format("%s %o %O %j", secret, secret, secret, holder)],
    ["spread", JSON.stringify({ ...secret })],
    ["entries", JSON.stringify(Object.entries(secret))],
    ["an error", String(new Error(`bad ${secret}`))],
  ])("by %s", (_name, text) => {
    expect(text).not.toContain("hunter2");
  });

  test("but reveals itself when asked", () => {
    expect(secret.reveal()).toBe("hunter2");
  });
});
