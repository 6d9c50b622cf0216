import { expect, test } from "vitest";
import { expectRed } from "../../../../test/support/red.ts";
import { judgeBuilds } from "./builds.ts";

const portal = { name: "portal", buildMemoryMb: 1_792 };
const extension = { name: "directus-extension" };

test("a machine of 1 GB may not build, and may run what is in the cache or only copied", () => {
  expectRed("HOST-04", judgeBuilds([extension, portal], 980), /^to build: portal; 980 MiB RAM$/);
  expectRed("HOST-04", judgeBuilds([portal], 1_791), /1791 MiB/);
  expect(judgeBuilds([], 980)).toMatchObject({ status: "pass", evidence: expect.stringContaining("in the cache") });
  expect(judgeBuilds([extension], 980)).toMatchObject({ status: "pass" });
});

test("a machine of 2 GB may build, though its kernel keeps some of it", () => {
  expect(judgeBuilds([portal], 1_900)).toMatchObject({ status: "pass", evidence: "to build: portal; 1900 MiB RAM" });
});
