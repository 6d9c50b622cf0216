import { defineConfig } from "vitest/config";
import { LANES } from "./test/support/lane.ts";
import { workInMemory } from "./test/support/temporary-place.ts";

workInMemory();

/** Raises no stack by itself: the first file that asks for one does. */
const SHARED_STACK = ["test/support/shared-stack-setup.ts"];

/** They take images from the engine and look for whatever is left on it: each alone. */
const ALONE = ["test/compose/{operations,whole-path}.compose.test.ts"];

/** Files that neither ask for the shared stack nor harm the checkout: two at a time, on stacks or in folders of their own. */
const OWN = {
  e2e: [
    "test/e2e/{air-gap,directus-upgrade,external-pooler,external-postgres,first-release,plain-user,portal-public,upgrade}.e2e.test.ts",
  ],
  fault: [
    "test/fault/{kill-after-record,law-agents,law-postgres,law-replies,rag-harm,rag-identity,resume-real-stack,upgrade-harm}.fault.test.ts",
  ],
};

const SUITES = {
  unit: { include: ["**/*.unit.test.ts"], testTimeout: 10_000, fileParallelism: true },
  // Two at once, each with a Postgres or an instance of its own, or none: ports come from the lane, folders are new, no pid is looked for but by its folder.
  integration: { include: ["**/*.integration.test.ts"], testTimeout: 120_000, fileParallelism: true },
  // Two at once, each on the stack that its lane shares.
  e2e: {
    include: ["test/e2e/**/*.e2e.test.ts"],
    exclude: OWN.e2e,
    testTimeout: 300_000,
    fileParallelism: true,
    globalSetup: SHARED_STACK,
  },
  "e2e-own": { include: OWN.e2e, testTimeout: 600_000, fileParallelism: true },
  // The same.
  fault: {
    include: ["test/fault/**/*.fault.test.ts"],
    exclude: OWN.fault,
    testTimeout: 300_000,
    fileParallelism: true,
    globalSetup: SHARED_STACK,
  },
  "fault-own": { include: OWN.fault, testTimeout: 600_000, fileParallelism: true },
  compose: { include: ALONE, testTimeout: 300_000, fileParallelism: false },
  // Two at once, each with containers of its own on one engine.
  "compose-own": {
    include: ["test/compose/**/*.compose.test.ts"],
    exclude: ALONE,
    testTimeout: 300_000,
    fileParallelism: true,
    globalSetup: ["test/support/shared-engine-setup.ts"],
  },
} as const;

export default defineConfig({
  test: {
    maxWorkers: LANES,
    projects: Object.entries(SUITES).map(([name, suite], groupOrder) => ({
      test: {
        name,
        include: [...suite.include],
        exclude: ["**/node_modules/**", "**/.next/**", "**/.elk-os/**", ...("exclude" in suite ? suite.exclude : [])],
        testTimeout: suite.testTimeout,
        hookTimeout: name.startsWith("compose") ? 1_800_000 : 600_000,
        fileParallelism: suite.fileParallelism,
        // One project after the other.
        sequence: { groupOrder },
        globalSetup: "globalSetup" in suite ? [...suite.globalSetup] : [],
      },
    })),
  },
});
