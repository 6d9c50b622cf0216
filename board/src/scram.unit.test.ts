import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { matchesScramVerifier, scramVerifier } from "./scram.ts";

test("computes the keys of the example exchange in RFC 7677", () => {
  const verifier = scramVerifier("pencil", Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64"), 4096);
  const serverKey = Buffer.from(verifier.split(":").at(-1) ?? "", "base64");
  const nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
  const exchange = `n=user,r=rOprNGfwEbeRWgbNEkqO,r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=${nonce}`;
  expect(createHmac("sha256", serverKey).update(exchange).digest("base64")).toBe(
    "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
  );
  expect(verifier).toMatch(/^SCRAM-SHA-256\$4096:W22ZaJ0SNY7soEsUEjb6gQ==\$/);
});

test("recognises its own verifiers and no others", () => {
  const verifier = scramVerifier("correct horse");
  expect(matchesScramVerifier("correct horse", verifier)).toBe(true);
  expect(matchesScramVerifier("wrong horse", verifier)).toBe(false);
  expect(matchesScramVerifier("correct horse", null)).toBe(false);
  expect(matchesScramVerifier("correct horse", "md5d41d8cd98f00b204e9800998ecf8427e")).toBe(false);
});

test("salts every verifier anew", () => {
  expect(scramVerifier("same")).not.toBe(scramVerifier("same"));
});

test.each(["", "grün", "tab\t"])("refuses the password %j", (password) => {
  expect(() => scramVerifier(password)).toThrow(/printable ASCII/);
});
