import { EXIT } from "../errors/catalog.ts";
import { formatDuration } from "../output/duration.ts";
import type { CommandResult } from "../output/reporter.ts";
import { suites } from "../suites/index.ts";
import type { Suite, SuiteResult } from "../suites/suite.ts";
import type { Command } from "./command.ts";

export const test = testCommand(suites);

/** @param all the suites there are, in the order in which they run */
export function testCommand(all: readonly Suite[]): Command {
  const names = all.map(({ name }) => name);
  return {
    name: "test",
    summary: "Run the whole test suite: static checks, unit, integration, end to end, faults, containers",
    help: `Raises its own stack from zero in a temporary state folder on its own ports; a running instance is not
touched. Containers run on the Docker engine that answers; where none does, root gets a private one for as long, unpacked from Debian's packages, with
base images made here (docs/compose.md). Temporary folders lie in TMPDIR; where that is not set and /dev/shm has 8 GB free, there. Debian packages it wants:
chromium-headless-shell (or chromium), shellcheck, git, iproute2, spin, gcc, libc6-dev, faketime, openssl, pgbouncer;
.ci/run installs them. What was skipped and what failed is named again at the end.

  elk-os test                     all of it
  elk-os test unit e2e            some suites: ${names.join(", ")}
  elk-os test fault --only law    the files of a suite whose name begins so; each fault with its verdict`,
    arguments: [{ name: "[suites...]", description: "suites to run (default: all)", choices: names }],
    options: [{ flags: "--only <name>", description: "a part of a suite: a script of check, files of the others" }],
    async run({ args, options, loaded, signal, reporter }) {
      const only = typeof options["only"] === "string" ? options["only"] : undefined;
      const results: NamedResult[] = [];
      for (const suite of all.filter(({ name }) => args.length === 0 || args.includes(name))) {
        reporter.note(`\n== ${suite.name}`);
        const startedAt = performance.now();
        const result = await suite.run({ checkout: loaded.checkout, only, signal });
        results.push({ suite: suite.name, ...result, ms: Math.round(performance.now() - startedAt) });
      }
      return sumUp(results);
    },
  };
}

interface NamedResult extends SuiteResult {
  readonly suite: string;
  readonly ms: number;
}

/** The last line is the sum that CI reads. A run in which nothing passed proves nothing, and is not ok. */
function sumUp(results: readonly NamedResult[]): CommandResult {
  const sum = (key: "passed" | "failed" | "skipped") => results.reduce((total, result) => total + result[key], 0);
  const total = { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") };
  const ok = total.failed === 0 && total.passed > 0;
  return {
    exit: ok ? EXIT.ok : EXIT.internal,
    data: { ok, ...total, suites: results },
    lines: [
      ...results.flatMap(({ tests = [] }) => tests.map(({ name, status }) => `${status.padEnd(8)} ${name}`)),
      ...results.flatMap(({ skips }) => skips.map((test) => `skipped: ${test}`)),
      ...results.flatMap(({ failures }) => failures.map((failure) => `failed: ${failure}`)),
      ...results.map(
        ({ suite, passed, failed, skipped, ms }) =>
          `${suite.padEnd(12)} ${passed} passed  ${failed} failed  ${skipped} skipped  ${formatDuration(ms)}`,
      ),
      `${total.passed} passed, ${total.failed} failed`,
    ],
  };
}
