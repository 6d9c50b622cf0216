import { expect, test } from "vitest";
import { packagesFor } from "./directus-runtime.ts";

test("packages for other systems, for development and for no system in particular need not be there", () => {
  const lock = {
    packages: {
      "": {},
      "node_modules/a": {},
      "node_modules/b": { dev: true },
      "node_modules/c": { os: ["darwin"] },
      "node_modules/d": { os: ["linux"], cpu: ["x64"], libc: ["glibc"] },
      "node_modules/wasm": { optional: true },
      "node_modules/native": { optional: true, os: ["linux"], cpu: ["x64"], libc: ["glibc"] },
      "node_modules/e": { os: ["linux"], cpu: ["x64"], libc: ["musl"] },
    },
  };
  expect(packagesFor(lock, { os: "linux", cpu: "x64" })).toEqual([
    "node_modules/a",
    "node_modules/d",
    "node_modules/native",
  ]);
});
