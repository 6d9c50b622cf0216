import { expect, test } from "vitest";
import { type PackageLock, productionClosure } from "./lock-closure.ts";

type Entry = PackageLock["packages"][string];

function entry(part: Partial<Entry>): Entry {
  return { link: false, dependencies: {}, optionalDependencies: {}, peerDependencies: {}, version: "1.0.0", ...part };
}

const LOCK: PackageLock = {
  packages: {
    "": entry({ dependencies: { unrelated: "1" } }),
    rag: entry({
      dependencies: { "@muster/board": "0", fastify: "5" },
      optionalDependencies: { native: "1", gone: "1" },
    }),
    board: entry({ dependencies: { zod: "4" } }),
    "node_modules/@muster/board": entry({ link: true, resolved: "board" }),
    "node_modules/fastify": entry({ dependencies: { shared: "2" }, integrity: "sha512-f" }),
    "node_modules/fastify/node_modules/shared": entry({ version: "2.0.0", dependencies: { fastify: "5" } }),
    "node_modules/shared": entry({ version: "1.0.0" }),
    "node_modules/zod": entry({}),
    "node_modules/native": entry({}),
    "node_modules/unrelated": entry({}),
    "rag/node_modules/own": entry({}),
  },
};

test("a workspace's closure is what Node would resolve, its linked workspaces included", () => {
  const closure = productionClosure(LOCK, "rag");
  expect(closure.packages.map(({ path }) => path)).toEqual([
    "node_modules/fastify",
    "node_modules/fastify/node_modules/shared",
    "node_modules/native",
    "node_modules/zod",
  ]);
  expect(closure.links).toEqual([{ path: "node_modules/@muster/board", target: "board" }]);
});

test("a package carries its version and integrity, so that a changed lock changes the key", () => {
  expect(productionClosure(LOCK, "rag").packages[0]?.pin).toBe("1.0.0 sha512-f");
});
