import { staticSuite } from "./static-suite.ts";
import type { Suite } from "./suite.ts";
import { vitestSuite } from "./vitest-suite.ts";

/** In the order that fails fastest. A suite with a folder of its own takes `--only NAME` as the beginning of a file's name in it. */
export const suites: readonly Suite[] = [
  staticSuite("check", ["format", "lint", "types", "knip", "gen:check"]),
  vitestSuite("unit"),
  vitestSuite("integration"),
  vitestSuite("e2e", "test/e2e"),
  vitestSuite("fault", "test/fault"),
  // It starts a Docker engine and makes base images, which takes minutes and gigabytes: docs/compose.md.
  { ...vitestSuite("compose", "test/compose"), isByNameOnly: true },
];
