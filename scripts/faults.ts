/**
 * Runs the fault tests and names each fault with its verdict.
 *
 * npm run test:faults                     all of them
 * npm run test:faults -- --only law       the files test/fault/law-*.fault.test.ts
 */
import { spawn } from "node:child_process";
import { parseArgs } from "node:util";

const { values } = parseArgs({ options: { only: { type: "string" } } });
if (values.only !== undefined && !/^[a-z-]+$/.test(values.only))
  throw new Error("--only takes the first word of a file in test/fault.");
const filter = values.only === undefined ? [] : [`test/fault/${values.only}-`];
const child = spawn("npx", ["vitest", "run", "--project", "fault", "--reporter=verbose", ...filter], {
  stdio: "inherit",
});
child.once("close", (code) => {
  process.exitCode = code ?? 1;
});
