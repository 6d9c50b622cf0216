import { expect, test } from "vitest";
import { countPackages } from "./directus-runtime.ts";

test("packages for other systems and for development are not counted", () => {
  const lock = {
    packages: {
      "": {},
      "node_modules/a": {},
      "node_modules/b": { dev: true },
      "node_modules/c": { os: ["darwin"] },
      "node_modules/d": { os: ["linux"], cpu: ["x64"], libc: ["glibc"] },
      "node_modules/e": { os: ["linux"], cpu: ["x64"], libc: ["musl"] },
    },
  };
  expect(countPackages(lock, { os: "linux", cpu: "x64" })).toBe(2);
});
