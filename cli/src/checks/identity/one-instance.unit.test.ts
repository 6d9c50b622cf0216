import type { IdentityAnswer } from "@muster/board/identity";
import { expect, test } from "vitest";
import { expectRed } from "../../../../test/support/red.ts";
import { judgeReleases } from "./one-instance.ts";

const answer: IdentityAnswer = {
  instance: "one",
  service: "rag",
  version: "0.1.0",
  build: "abc",
  arch: "x64",
  boot: "b",
  started: "2026-01-01T00:00:00.000Z",
  state: "OK",
  reasons: [],
  nonce: "n",
  mac: "m",
};
const all = (change: Partial<IdentityAnswer> | null) =>
  [
    { service: "directus", answer },
    { service: "rag", answer },
    { service: "portal", answer: change === null ? null : { ...answer, ...change } },
  ] as const;

test("services of one instance, release and build are one", () => {
  expect(judgeReleases(all({}))).toMatchObject({ status: "pass", evidence: "3 services: one 0.1.0 abc" });
});

test("one that differs in instance, release or build, or says nothing, is red", () => {
  expectRed("ID-06", judgeReleases(all({ instance: "two" })), /portal: two 0\.1\.0 abc$/);
  expectRed("ID-06", judgeReleases(all({ version: "0.0.9" })), /portal: one 0\.0\.9 abc$/);
  expectRed("ID-06", judgeReleases(all({ build: "dev" })), /portal: one 0\.1\.0 dev$/);
  expectRed("ID-06", judgeReleases(all(null)), /portal: nothing$/);
  expectRed("ID-06", judgeReleases([{ service: "rag", answer: null }]), /^rag: nothing$/);
});
