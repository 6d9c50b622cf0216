import { describe, expect, it } from "vitest";
import { Secret } from "../state/secret.ts";
import { isPasswordOf } from "./admin-password.ts";
import { consumersOf } from "./consumers.ts";
import { fingerprint } from "./fingerprint.ts";

describe("a fingerprint", () => {
  it("is the same for the same value and says nothing across names", () => {
    const value = new Secret("5f1d0c");
    expect(fingerprint("rag_key", value)).toBe(fingerprint("rag_key", new Secret("5f1d0c")));
    expect(fingerprint("rag_key", value)).not.toBe(fingerprint("directus_secret", value));
    expect(fingerprint("rag_key", value)).toMatch(/^[0-9a-f]{12}$/);
  });
});

describe("the services that read a secret", () => {
  it.each([
    ["muster_directus_password", ["directus"]],
    ["rag_key", ["rag", "portal"]],
    ["instance_key", ["directus", "rag", "portal"]],
    ["postgres_superuser_password", []],
    ["agent-a01", []],
  ])("%s: %j", (name, services) => {
    expect(consumersOf(name)).toEqual(services);
  });
});

describe("the administrator's hash", () => {
  // Made by the library that Directus hashes with: password "password", salt "somesalt".
  const hash = "$argon2id$v=19$m=1024,t=2,p=1$c29tZXNhbHQ$7FfsnA6vUe7qLpL/3Kqc3uR48ZJyFbUVt7jWZlf0Htk";

  it("is that of one password only", () => {
    expect(isPasswordOf(hash, "password")).toBe(true);
    expect(isPasswordOf(hash, "Password")).toBe(false);
  });

  it("of another kind is refused, not called wrong", () => {
    expect(() => isPasswordOf("$2b$10$abc", "password")).toThrowError(/does not know/);
  });
});
