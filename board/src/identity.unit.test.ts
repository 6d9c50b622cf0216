import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  answerIdentity,
  deriveServiceKey,
  type IdentityAnswer,
  type IdentityConfig,
  parseNonce,
  parseServiceKey,
  verifyIdentity,
} from "./identity.ts";

const instanceKey = Buffer.alloc(32, 7);
const key = deriveServiceKey(instanceKey, "rag");
const config: IdentityConfig = {
  key,
  instance: "0f2a3c54-6d0e-4c0b-9a52-0c5b8f3b7a11",
  service: "rag",
  version: "0.1.0",
  build: "dev",
  arch: "x64",
  boot: "1b4e28ba-2fa1-11d2-883f-0016d3cca427",
  started: "2026-01-02T03:04:05.000Z",
};
const healthy = { state: "OK", reasons: [] } as const;
const freshNonce = () => randomBytes(16).toString("base64url");

function signedAnswer(
  nonce: string,
  overrides: Partial<IdentityConfig> = {},
  health: Parameters<typeof answerIdentity>[2] = healthy,
) {
  const reply = answerIdentity({ ...config, ...overrides }, nonce, health);
  if (reply.status !== 200) throw new Error("expected an answer");
  return reply.body;
}

describe("verifyIdentity", () => {
  const nonce = freshNonce();
  const expected = { nonce, instance: config.instance, service: "rag" } as const;

  test("accepts the service that holds the key", () => {
    expect(verifyIdentity(key, signedAnswer(nonce), expected)).toMatchObject({ verdict: "OK", reasons: [] });
  });

  test("accepts an answer that went through JSON", () => {
    const answer: unknown = JSON.parse(JSON.stringify(signedAnswer(nonce)));
    expect(verifyIdentity(key, answer, { ...expected, version: "0.1.0", build: "dev" }).verdict).toBe("OK");
  });

  test("reports a degraded service with its reasons", () => {
    const answer = signedAnswer(nonce, {}, { state: "DEGRADED", reasons: ["schema_absent", "index_stale"] });
    expect(verifyIdentity(key, answer, expected)).toMatchObject({
      verdict: "DEGRADED",
      reasons: ["schema_absent", "index_stale"],
    });
  });

  test("takes a recorded answer to another nonce for an impostor", () => {
    expect(verifyIdentity(key, signedAnswer(freshNonce()), expected).verdict).toBe("IMPOSTOR");
  });

  test("takes a recorded answer with the nonce exchanged for an impostor", () => {
    expect(verifyIdentity(key, { ...signedAnswer(freshNonce()), nonce }, expected).verdict).toBe("IMPOSTOR");
  });

  test("takes an answer signed with another key for an impostor", () => {
    const forged = signedAnswer(nonce, { key: deriveServiceKey(randomBytes(32), "rag") });
    expect(verifyIdentity(key, forged, expected).verdict).toBe("IMPOSTOR");
  });

  test("takes a sibling service of the same instance for an impostor", () => {
    const sibling = signedAnswer(nonce, { service: "portal", key: deriveServiceKey(instanceKey, "portal") });
    expect(verifyIdentity(key, sibling, expected).verdict).toBe("IMPOSTOR");
  });

  test("refuses another service even when it signs with the expected key", () => {
    expect(verifyIdentity(key, signedAnswer(nonce, { service: "portal" }), expected).verdict).toBe("IMPOSTOR");
  });

  test("names another instance", () => {
    const other = signedAnswer(nonce, { instance: "9d0c1b60-1111-4222-8333-944455556666", key: randomBytes(32) });
    expect(verifyIdentity(key, other, expected).verdict).toBe("WRONG_INSTANCE");
  });

  test("names a version or build that is not the installed one", () => {
    const answer = signedAnswer(nonce);
    expect(verifyIdentity(key, answer, { ...expected, version: "0.2.0" }).verdict).toBe("STALE_VERSION");
    expect(verifyIdentity(key, answer, { ...expected, build: "abc" }).verdict).toBe("STALE_VERSION");
  });

  const tampered: readonly Partial<IdentityAnswer>[] = [
    { service: "portal" },
    { version: "9.9.9" },
    { build: "other" },
    { arch: "arm64" },
    { boot: "another" },
    { started: "2026-01-02T03:04:06.000Z" },
    { state: "DEGRADED" },
    { reasons: ["schema_absent"] },
    { mac: "0".repeat(64) },
    { mac: "" },
  ];
  test.each(tampered)("takes an answer changed after signing for an impostor: %o", (change) => {
    expect(verifyIdentity(key, { ...signedAnswer(nonce), ...change }, expected).verdict).toBe("IMPOSTOR");
  });

  test("cannot be confused by moving text between two fields", () => {
    const answer = signedAnswer(nonce, { version: "1", build: "2" });
    expect(verifyIdentity(key, { ...answer, version: "1\n2", build: "" }, expected).verdict).toBe("IMPOSTOR");
  });

  test.each([null, "ok", 7, [], { status: "ok" }, { ...signedAnswer(nonce), reasons: "none" }])(
    "takes %o for an impostor",
    (answer) => {
      expect(verifyIdentity(key, answer, expected)).toMatchObject({ verdict: "IMPOSTOR", answer: null });
    },
  );
});

describe("answerIdentity", () => {
  test.each([
    undefined,
    "",
    "short",
    "not base64url!",
    randomBytes(65).toString("base64url"),
    ["x"],
    `${freshNonce()}=`,
  ])("answers 400 to the nonce %o", (nonce) => {
    expect(answerIdentity(config, nonce, healthy)).toMatchObject({
      status: 400,
      body: { error: { code: "MUSTER_NONCE_INVALID" } },
    });
  });

  test("never answers with its key", () => {
    expect(JSON.stringify(signedAnswer(freshNonce()))).not.toContain(key.toString("hex"));
  });

  test("refuses to sign a reason that could be read as two", () => {
    expect(() => answerIdentity(config, freshNonce(), { state: "DEGRADED", reasons: ["a,b"] })).toThrow();
  });
});

test("accepts nonces of 16 to 64 bytes only", () => {
  expect(parseNonce(randomBytes(16).toString("base64url"))).not.toBeNull();
  expect(parseNonce(randomBytes(64).toString("base64url"))).not.toBeNull();
  expect(parseNonce(randomBytes(15).toString("base64url"))).toBeNull();
});

test("derives a stable key per service", () => {
  expect(deriveServiceKey(instanceKey, "rag")).toEqual(key);
  expect(deriveServiceKey(instanceKey, "portal")).not.toEqual(key);
  expect(key).toHaveLength(32);
});

test("reads a key file and never repeats a bad one", () => {
  expect(parseServiceKey(`${key.toString("hex")}\n`)).toEqual(key);
  expect(() => parseServiceKey("secret-text")).toThrow(/64 hex digits/);
  expect(() => parseServiceKey("secret-text")).not.toThrow(/secret-text/);
});
