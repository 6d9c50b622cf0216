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
  // Where no engine answers, root starts one of its own and makes base images, minutes the first time (docs/compose.md); others skip it.
  vitestSuite("compose", "test/compose"),
];
