import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fixtureStack } from "../../../test/support/fixture-stack.ts";
import { recordingReporter } from "../../../test/support/recording-reporter.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { configRecorded } from "../checks/host/config-recorded.ts";
import { stateModes } from "../checks/host/state-modes.ts";
import { secretStrength } from "../checks/security/secret-strength.ts";
import { openJournal } from "../journal/journal.ts";
import type { Stack } from "../stack/stack.ts";
import { SECRETS } from "../state/secrets.ts";
import { init } from "./init.ts";
import { runPhases } from "./run-phases.ts";

/** `elk-os init`, without the command around it. */
async function runInit(stack: Stack) {
  mkdirSync(stack.paths.root, { recursive: true });
  chmodSync(stack.paths.root, 0o711);
  const journal = openJournal(stack.paths.journal);
  try {
    const [report] = await runPhases({
      phases: [init],
      checks: [stateModes, secretStrength, configRecorded],
      context: stack,
      journal,
      events: recordingReporter(),
      signal: new AbortController().signal,
      cliVersion: stack.version,
    });
    return { changed: report?.changed, steps: Object.fromEntries((report?.steps ?? []).map((s) => [s.id, s.status])) };
  } finally {
    journal.close();
  }
}

const SETTLED = { "init/folders": "skipped", "init/secrets": "skipped", "init/config": "skipped" };
const ALL_DONE = { "init/folders": "done", "init/secrets": "done", "init/config": "done" };
const mode = (path: string) => `0${(statSync(path).mode & 0o777).toString(8)}`;

function snapshot(folder: string): Record<string, string> {
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

test("makes the folders, every secret, the record of settings and the instance", async () => {
  const stack = fixtureStack(temporaryFolder(), { profile: "analogelk" });
  expect(await runInit(stack)).toEqual({ changed: 4 + Object.keys(SECRETS).length + 2, steps: ALL_DONE });
  const { paths } = stack;
  expect([paths.root, paths.secrets, paths.run, paths.logs, paths.data].map(mode)).toEqual([
    "0711",
    "0700",
    "0711",
    "0711",
    "0711",
  ]);
  expect(readdirSync(paths.secrets)).toEqual(Object.keys(SECRETS).sort());
  for (const name of readdirSync(paths.secrets)) expect(mode(join(paths.secrets, name))).toBe("0600");
  expect(JSON.parse(readFileSync(paths.config, "utf8"))).toEqual({ ELK_OS_PROFILE: "analogelk" });
  expect(stack.instance()).toMatchObject({ driver: "embedded", cliVersion: "0.1.0" });
});

test("changes nothing the second time", async () => {
  const stack = fixtureStack(temporaryFolder());
  await runInit(stack);
  const before = [snapshot(stack.paths.secrets), readFileSync(stack.paths.config, "utf8"), stack.instance()];
  expect(await runInit(stack)).toEqual({ changed: 0, steps: SETTLED });
  expect([snapshot(stack.paths.secrets), readFileSync(stack.paths.config, "utf8"), stack.instance()]).toEqual(before);
});

test("makes just the secret that is missing", async () => {
  const stack = fixtureStack(temporaryFolder());
  await runInit(stack);
  const before = snapshot(stack.paths.secrets);
  rmSync(stack.secrets.path("rag_key"));
  expect(await runInit(stack)).toEqual({ changed: 1, steps: { ...SETTLED, "init/secrets": "done" } });
  const after = snapshot(stack.paths.secrets);
  expect(after["rag_key"]).not.toBe(before["rag_key"]);
  expect({ ...after, rag_key: null }).toEqual({ ...before, rag_key: null });
});

test("closes a folder that was opened, and leaves the rest alone", async () => {
  const stack = fixtureStack(temporaryFolder());
  await runInit(stack);
  chmodSync(stack.paths.secrets, 0o755);
  expect(await runInit(stack)).toEqual({ changed: 1, steps: { ...SETTLED, "init/folders": "done" } });
  expect(mode(stack.paths.secrets)).toBe("0700");
});

test("records changed settings, and keeps the instance", async () => {
  const checkout = temporaryFolder();
  await runInit(fixtureStack(checkout));
  const instance = fixtureStack(checkout).instance();
  const stack = fixtureStack(checkout, { profile: "analogelk" });
  expect(await runInit(stack)).toEqual({ changed: 1, steps: { ...SETTLED, "init/config": "done" } });
  expect(fixtureStack(checkout).config.profile).toBe("analogelk");
  expect(stack.instance()).toEqual(instance);
});

test("adopts what is there when the journal was deleted", async () => {
  const stack = fixtureStack(temporaryFolder());
  await runInit(stack);
  rmSync(stack.paths.journal);
  const adopted = { "init/folders": "adopted", "init/secrets": "adopted", "init/config": "adopted" };
  expect(await runInit(stack)).toEqual({ changed: 0, steps: adopted });
});

test("is not disturbed by a temporary file that a kill left among the secrets", async () => {
  const stack = fixtureStack(temporaryFolder());
  await runInit(stack);
  writeFileSync(`${stack.secrets.path("rag_key")}.4711.tmp`, "", { mode: 0o600 });
  expect(await runInit(stack)).toEqual({ changed: 0, steps: SETTLED });
});

test("does not go on when others could read a secret: that needs a person", async () => {
  const stack = fixtureStack(temporaryFolder());
  await runInit(stack);
  chmodSync(stack.secrets.path("rag_key"), 0o644);
  await expect(runInit(stack)).rejects.toMatchObject({
    code: "PHASE_FAILED",
    message: expect.stringContaining("HOST-06 is not green"),
    hint: expect.stringContaining("rotate it"),
  });
  expect(mode(stack.secrets.path("rag_key"))).toBe("0644");
});
