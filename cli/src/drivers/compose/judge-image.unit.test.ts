import { expect, test } from "vitest";
import { judgeImage } from "./judge-image.ts";

const image = { Id: "sha256:aa", RepoDigests: ["x@sha256:11"], Architecture: "amd64", Os: "linux" };
const locked = { id: "sha256:aa", manifest: "sha256:22", digest: "x@sha256:11" };

test("an image of this machine's architecture runs, new or as it was locked", () => {
  expect(judgeImage("x:1", image, { locked: null, machine: "x64" })).toBeNull();
  expect(judgeImage("x:1", image, { locked, machine: "x64" })).toBeNull();
  expect(judgeImage("x:1", { ...image, Architecture: "arm64" }, { locked, machine: "arm64" })).toBeNull();
});

test.each([
  [{ Architecture: "amd64" }, "arm64", "x:1 is built for linux/amd64; this machine is linux/arm64."],
  [{ Architecture: "arm64" }, "x64", "x:1 is built for linux/arm64; this machine is linux/amd64."],
  [{ Architecture: "amd64", Os: "windows" }, "x64", "x:1 is built for windows/amd64; this machine is linux/amd64."],
  [{ Architecture: "amd64" }, "riscv64", "x:1 is built for linux/amd64; this machine is linux/riscv64."],
])("an image of %j is refused on %s, although it is the locked one", (change, machine, message) => {
  for (const known of [null, locked])
    expect(judgeImage("x:1", { ...image, ...change }, { locked: known, machine })).toMatchObject({ message });
});

test("a tag that moved is refused, and the hint says what the locked one is called in the registry", () => {
  expect(judgeImage("x:1", { ...image, Id: "sha256:bb" }, { locked, machine: "x64" })).toEqual({
    message: "x:1 is sha256:bb now; this instance is locked to sha256:aa.",
    hint: expect.stringContaining("Pull the locked image again (x@sha256:11)"),
  });
  expect(
    judgeImage("x:1", { ...image, Id: "sha256:bb" }, { locked: { ...locked, digest: null }, machine: "x64" })?.hint,
  ).toContain("it has no registry digest");
});

test("an image is the locked one by its id, its manifest or the index, whichever an engine takes for the id", () => {
  for (const Id of ["sha256:aa", "sha256:22", "sha256:11"])
    expect(judgeImage("x:1", { ...image, Id }, { locked, machine: "x64" }), Id).toBeNull();
});

test("a lock from another architecture is kept: by the image it names for this one, else by what was pulled", () => {
  const unnamed = { ...locked, id: null, manifest: null };
  expect(judgeImage("x:1", { ...image, Id: "sha256:cc" }, { locked: unnamed, machine: "x64" })).toBeNull();
  expect(
    judgeImage("x:1", { ...image, RepoDigests: ["x@sha256:33"] }, { locked: unnamed, machine: "x64" })?.message,
  ).toBe("x:1 is sha256:33 now; this instance is locked to x@sha256:11.");
  expect(judgeImage("x:1", { ...image, RepoDigests: null }, { locked: unnamed, machine: "x64" })?.message).toBe(
    "x:1 is sha256:aa now; this instance is locked to x@sha256:11.",
  );
  const made = { ...unnamed, digest: null };
  expect(
    judgeImage("x:1", image, { locked: made, machine: "x64" }),
    "no registry knows it: nothing to compare",
  ).toBeNull();
});

test("an image of a platform that the locked index does not have is refused", () => {
  expect(judgeImage("x:1", image, { locked: "absent", machine: "x64" })?.message).toBe(
    "x:1 is locked to an index that has no image for linux/amd64.",
  );
});
