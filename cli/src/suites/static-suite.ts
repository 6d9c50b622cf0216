import { runVisible } from "../host/run-visible.ts";
import type { Suite } from "./suite.ts";

/** npm scripts of the root package, all run even when one fails. */
export function staticSuite(name: string, scripts: readonly string[]): Suite {
  return {
    name,
    async run({ checkout, only, signal }) {
      const wanted = scripts.filter((script) => only === undefined || script === only);
      const failures: string[] = [];
      for (const script of wanted) {
        const exit = await runVisible(["npm", "run", "--silent", script], { cwd: checkout, signal });
        if (exit !== 0) failures.push(`npm run ${script}: ended with ${exit}`);
      }
      return { passed: wanted.length - failures.length, failed: failures.length, skipped: 0, failures, skips: [] };
    },
  };
}
