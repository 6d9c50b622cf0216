import { answerIdentity, deriveServiceKey, verifyIdentity } from "@muster/board/identity";
import { expect, test } from "vitest";
import { expectRed } from "../../../../test/support/red.ts";
import { judgeReplay } from "./replay-refused.ts";

const key = deriveServiceKey(Buffer.alloc(32, 7), "rag");
const facts = {
  key,
  instance: "one",
  service: "rag",
  version: "0.1.0",
  build: "dev",
  arch: "x64",
  boot: "b",
  started: "2026-01-01T00:00:00.000Z",
} as const;
const reply = answerIdentity(facts, Buffer.alloc(24, 1).toString("base64url"), { state: "OK", reasons: [] });
const recorded = reply.status === 200 ? reply.body : null;

test("our verifier refuses a recorded answer", () => {
  expect(judgeReplay(verifyIdentity, key, recorded, "one")).toMatchObject({ status: "pass" });
});

/** Compares no nonce: whatever is asked, it is the one that was answered. */
const careless: typeof verifyIdentity = (serviceKey, answer, expected) =>
  verifyIdentity(serviceKey, answer, { ...expected, nonce: recorded?.nonce ?? "" });

test("a verifier that compares no nonce is red, and so is one that is shown nothing", () => {
  expectRed("ID-07", judgeReplay(careless, key, recorded, "one"), /^a replayed answer was judged OK$/);
  expectRed("ID-07", judgeReplay(verifyIdentity, key, null, "one"), /no recorded answer/);
});
