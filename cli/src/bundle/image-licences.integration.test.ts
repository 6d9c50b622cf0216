import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readImageLicences } from "./image-licences.ts";

let work: string;
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), "muster-licences-"));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** What the engine would copy, by the path in the image. */
const IMAGES: Readonly<Record<string, Readonly<Record<string, readonly (readonly [string, string])[]>>>> = {
  "debian:12": {
    "/usr/share/doc": [
      ["doc/libc6/copyright", "The GNU C Library\n"],
      ["doc/libc6/changelog.gz", "not asked for"],
    ],
    "/usr/share/common-licenses": [["common-licenses/LGPL-2.1", "Lesser GPL"]],
  },
  "alpine:3": {
    "/lib/apk/db/installed": [
      ["installed", "C:Q1xyz=\nP:musl\nV:1.2.5-r9\nL:MIT\nF:lib\n\nP:busybox\nV:1.37.0-r1\nL:GPL-2.0-only\n\n"],
    ],
  },
};

const driver = {
  copyFromImage: async (reference: string, path: string, folder: string) => {
    const files = IMAGES[reference]?.[path] ?? [];
    for (const [name, text] of files) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    // As Debian has it for the packages of one source.
    if (path === "/usr/share/doc" && files.length > 0) {
      symlinkSync("libc6", join(folder, "doc", "libc-bin"));
      symlinkSync("elsewhere", join(folder, "doc", "gone"));
    }
    return files.length > 0;
  },
};

const read = (...references: readonly string[]) =>
  readImageLicences(
    driver,
    references.map((reference) => ({ reference, id: "" })),
    work,
    new AbortController().signal,
  );

test("a Debian image tells each package's copyright, and the texts that those refer to", async () => {
  const licence = "as its copyright file says";
  expect(await read("debian:12")).toEqual([
    { name: "libc-bin in debian:12", licence, texts: ["The GNU C Library"] },
    { name: "libc6 in debian:12", licence, texts: ["The GNU C Library"] },
    { name: "Debian's copy of LGPL-2.1", licence: "LGPL-2.1", texts: ["Lesser GPL"] },
  ]);
});

test("an Alpine image tells what each package declares, and nothing stays behind", async () => {
  expect(await read("alpine:3", "scratch")).toEqual([
    { name: "musl 1.2.5-r9 in alpine:3", licence: "MIT", texts: [] },
    { name: "busybox 1.37.0-r1 in alpine:3", licence: "GPL-2.0-only", texts: [] },
  ]);
  expect(readdirSync(work)).toEqual([]);
});
