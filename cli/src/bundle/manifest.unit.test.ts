import { expect, test } from "vitest";
import { toCliError } from "../errors/cli-error.ts";
import { type Manifest, parseManifest } from "./manifest.ts";

const sum = "a".repeat(64);
const manifest: Manifest = {
  format: "muster.bundle/1",
  version: "0.1.0",
  commit: "0".repeat(40),
  architecture: "x64",
  libc: "glibc",
  libcVersion: "2.36",
  node: "24.21.0",
  driver: "embedded",
  leftOut: [],
  entries: [{ name: "rag", key: sum, proof: ["rag/src/server.ts"], file: "bundle/rag-aaaaaaaaaaaa.tar.gz" }],
  images: [],
  files: { "bundle/rag-aaaaaaaaaaaa.tar.gz": sum },
};

function refusalOf(value: unknown) {
  try {
    parseManifest(typeof value === "string" ? value : JSON.stringify(value), "FILE");
  } catch (error) {
    return toCliError(error);
  }
  return null;
}

test("a manifest is read as it was written", () => {
  expect(parseManifest(JSON.stringify(manifest), "FILE")).toEqual(manifest);
});

test("another format is foreign and not broken: it says what this release reads", () => {
  expect(refusalOf({ ...manifest, format: "muster.bundle/2" })).toMatchObject({
    code: "BUNDLE_FOREIGN",
    exit: 5,
    facts: { format: "muster.bundle/2", known: "muster.bundle/1" },
  });
});

test.each([
  ["no JSON", "{"],
  ["nothing of a manifest", {}],
  ["a field that this format does not have", { ...manifest, more: 1 }],
  ["a digest that is none", { ...manifest, files: { "bundle/x": "abc" } }],
  ["a file outside of bundle/", { ...manifest, files: { "bundle/../../etc/passwd": sum } }],
  ["an entry whose file has no digest", { ...manifest, files: {} }],
  ["images without a digest", { ...manifest, images: [{ reference: "postgres:18", id: `sha256:${sum}` }] }],
  ["an entry that would lie elsewhere", { ...manifest, entries: [{ ...manifest.entries[0], name: "../rag" }] }],
])("%s is refused as invalid", (_what, value) => {
  expect(refusalOf(value)).toMatchObject({ code: "BUNDLE_INVALID", exit: 12 });
});
