import { expect, test } from "vitest";
import { shippedPackages } from "./shipped-packages.ts";

const INSTALLED = JSON.stringify({
  lockfileVersion: 3,
  packages: {
    board: { version: "0.1.0" },
    "node_modules/@muster/board": { resolved: "board", link: true },
    "node_modules/pg": { version: "8.0.0", integrity: "sha512-x" },
    "node_modules/pg/node_modules/ms": { version: "1.0.0" },
    "node_modules/vitest": { version: "5.0.0", dev: true },
    "node_modules/vitest/node_modules/ms": { version: "1.0.0", dev: true },
    "portal/node_modules/react": { version: "19.0.0" },
  },
});

test("what is installed for development stays behind, in the files and in the record", () => {
  const { all, record } = shippedPackages(INSTALLED);
  expect(all).toEqual(["node_modules/pg", "node_modules/pg/node_modules/ms", "portal/node_modules/react"]);
  const { packages, ...rest } = JSON.parse(record);
  expect(rest).toEqual({ lockfileVersion: 3 });
  expect(Object.keys(packages)).toEqual([
    "board",
    "node_modules/@muster/board",
    "node_modules/pg",
    "node_modules/pg/node_modules/ms",
    "portal/node_modules/react",
  ]);
  expect(packages["node_modules/pg"], "npm compares these").toEqual({ version: "8.0.0", integrity: "sha512-x" });
});

test("each folder is packed once, links of workspaces too, and no workspace itself", () => {
  expect(shippedPackages(INSTALLED).tops).toEqual([
    "node_modules/@muster/board",
    "node_modules/pg",
    "portal/node_modules/react",
  ]);
});
