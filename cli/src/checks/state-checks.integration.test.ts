import { appendFileSync, chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fixtureStack } from "../../../test/support/fixture-stack.ts";
import { recordingReporter } from "../../../test/support/recording-reporter.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { SIZES } from "../config/sizes.ts";
import { openJournal } from "../journal/journal.ts";
import { init } from "../phases/init.ts";
import { runPhases } from "../phases/run-phases.ts";
import type { Stack } from "../stack/stack.ts";
import { applyFixes } from "./apply-fixes.ts";
import { hostArchitecture } from "./host/architecture.ts";
import { configRecorded } from "./host/config-recorded.ts";
import { hostDisk } from "./host/disk.ts";
import { hostMemory } from "./host/memory.ts";
import { stateModes } from "./host/state-modes.ts";
import { journalSound, noPendingIntent } from "./loop/journal.ts";
import { runChecks } from "./run-checks.ts";
import { secretStrength } from "./security/secret-strength.ts";

/** What looks at the machine and the state folder alone. */
const REGISTRY = [
  hostMemory,
  hostDisk,
  hostArchitecture,
  stateModes,
  secretStrength,
  configRecorded,
  journalSound,
  noPendingIntent,
];
const signal = new AbortController().signal;

/** A state folder after `init`. */
async function initialised(): Promise<Stack> {
  const stack = fixtureStack(temporaryFolder());
  mkdirSync(stack.paths.root, { mode: 0o711 });
  const journal = openJournal(stack.paths.journal);
  await runPhases({
    phases: [init],
    checks: REGISTRY,
    context: stack,
    journal,
    events: recordingReporter(),
    signal,
    cliVersion: stack.version,
  });
  journal.close();
  return stack;
}

const look = (stack: Stack) => runChecks({ registry: REGISTRY, context: stack, signal });

/** "ID evidence" of each check that is red, and the ids that it blocks. */
async function redOf(stack: Stack) {
  const results = await look(stack);
  return {
    red: results
      .filter(({ status }) => status === "fail" || status === "error")
      .map(({ id, evidence }) => `${id} ${evidence}`),
    blocked: results.filter(({ status }) => status === "skip").map(({ id }) => id),
  };
}

test("all are green on a fresh state folder, each with evidence", async () => {
  for (const { id, status, evidence } of await look(await initialised())) {
    expect({ id, status }).toEqual({ id, status: "pass" });
    expect(evidence, id).not.toBe("");
  }
});

interface Fault {
  readonly name: string;
  readonly harm: (stack: Stack) => void;
  readonly mend: (stack: Stack) => void;
  readonly red: RegExp;
  readonly blocked: readonly string[];
}

const secretsFolder = ({ paths }: Stack) => paths.secrets;
const STRONG = "0123456789abcdef".repeat(4);

function record(stack: Stack, event: "intent" | "done"): void {
  const journal = openJournal(stack.paths.journal);
  journal.append({
    run: "r",
    phase: "up",
    step: "up/rag",
    event,
    inputHash: "",
    changed: 0,
    durationMs: 0,
    cli: "",
    error: null,
  });
  journal.close();
}

const FAULTS: readonly Fault[] = [
  {
    name: "a secret that others may read",
    harm: (stack) => chmodSync(stack.secrets.path("rag_key"), 0o644),
    mend: (stack) => chmodSync(stack.secrets.path("rag_key"), 0o600),
    red: /^HOST-06 .*\/secrets\/rag_key has mode 0644$/,
    blocked: ["SEC-01", "CONF-01"],
  },
  {
    name: "an open folder of secrets",
    harm: (stack) => chmodSync(secretsFolder(stack), 0o755),
    mend: (stack) => chmodSync(secretsFolder(stack), 0o700),
    red: /^HOST-06 .*\/secrets has mode 0755$/,
    blocked: ["SEC-01", "CONF-01"],
  },
  {
    name: "a missing folder",
    harm: (stack) => rmSync(stack.paths.logs, { recursive: true }),
    mend: (stack) => mkdirSync(stack.paths.logs, { mode: 0o711 }),
    red: /^HOST-06 .*\/logs does not exist$/,
    blocked: ["SEC-01", "CONF-01"],
  },
  {
    name: "a missing secret",
    harm: (stack) => rmSync(stack.secrets.path("instance_key")),
    mend: (stack) => void stack.secrets.ensure("instance_key"),
    red: /^SEC-01 secrets\/instance_key does not exist$/,
    blocked: [],
  },
  ...["", "changeme", "password".repeat(8), "0".repeat(64), "ab".repeat(32), "0123456789"].map((weak) => ({
    name: `a weak secret (${weak.slice(0, 12)})`,
    harm: (stack: Stack) => writeFileSync(stack.secrets.path("rag_key"), weak),
    mend: (stack: Stack) => writeFileSync(stack.secrets.path("rag_key"), STRONG),
    red: /^SEC-01 secrets\/rag_key (is a placeholder|holds about \d+ bits)$/,
    blocked: [],
  })),
  {
    name: "a weak token of an agent",
    harm: (stack) => writeFileSync(stack.secrets.path("agent-a01"), "token", { mode: 0o600 }),
    mend: (stack) => rmSync(stack.secrets.path("agent-a01")),
    red: /^SEC-01 secrets\/agent-a01 /,
    blocked: [],
  },
  {
    name: "a record of other settings",
    harm: (stack) => writeFileSync(stack.paths.config, '{"ELK_OS_PROFILE":"other"}'),
    mend: (stack) => writeFileSync(stack.paths.config, "{}\n"),
    red: /^CONF-01 config\.json differs/,
    blocked: [],
  },
  {
    name: "a damaged instance",
    harm: (stack) => writeFileSync(stack.paths.instance, "{ torn"),
    mend(stack) {
      rmSync(stack.paths.instance);
      const instance = {
        instanceId: crypto.randomUUID(),
        driver: "embedded",
        createdAt: new Date().toISOString(),
        cliVersion: "",
      };
      writeFileSync(stack.paths.instance, JSON.stringify(instance));
    },
    red: /^CONF-01 the check itself broke: instance\.json in the state folder is damaged/,
    blocked: [],
  },
  {
    name: "a step that was interrupted",
    harm: (stack) => record(stack, "intent"),
    mend: (stack) => record(stack, "done"),
    red: /^LOOP-04 interrupted: up\/rag$/,
    blocked: [],
  },
];

describe("turn red alone, and green again when the fault is gone:", () => {
  test.each(FAULTS)("$name", async ({ harm, mend, red, blocked }) => {
    const stack = await initialised();
    harm(stack);
    expect(await redOf(stack)).toEqual({ red: [expect.stringMatching(red)], blocked });
    mend(stack);
    expect(await redOf(stack)).toEqual({ red: [], blocked: [] });
  });
});

test("LOOP-05 is red for a journal that was changed or is empty, and says when its last line is torn", async () => {
  const stack = await initialised();
  appendFileSync(stack.paths.journal, '{"v":1,"torn');
  expect(await redOf(stack)).toEqual({ red: [], blocked: [] });
  expect((await look(stack)).find(({ id }) => id === "LOOP-05")?.evidence).toContain("a torn last line");
  appendFileSync(stack.paths.journal, "\n");
  expect(await redOf(stack)).toEqual({ red: ["LOOP-05 line 7 is not a journal record"], blocked: ["LOOP-04"] });
  rmSync(stack.paths.journal);
  expect(await redOf(stack)).toEqual({ red: ["LOOP-05 the journal is empty"], blocked: ["LOOP-04"] });
});

test.each([
  ["HOST-01", { memoryBudgetMb: "99999999" }],
  ["HOST-02", { diskBudgetMb: "999999999" }],
])("%s is red when the budget is larger than the machine, with both numbers", async (id, flags) => {
  const stack = fixtureStack(temporaryFolder(), flags);
  const [result] = await runChecks({ registry: REGISTRY, context: stack, only: [id], signal });
  expect(result).toMatchObject({
    id,
    status: "fail",
    expected: expect.stringContaining("at least 9999999"),
    actual: expect.stringMatching(/^\d+ MiB/),
    fix: expect.any(String),
  });
});

test("HOST-01 asks for the memory of the chosen size, and says which", async () => {
  const stack = fixtureStack(temporaryFolder(), { size: "tiny" });
  const [result] = await runChecks({ registry: REGISTRY, context: stack, only: ["HOST-01"], signal });
  expect(result?.evidence).toMatch(new RegExp(`budget ${SIZES.tiny.memoryBudgetMb} MiB \\(size tiny\\)$`));
});

test("doctor --fix closes what is open, and loses nothing", async () => {
  const stack = await initialised();
  const before = stack.secrets.read("rag_key").reveal();
  chmodSync(stack.secrets.path("rag_key"), 0o666);
  chmodSync(join(stack.paths.root), 0o777);
  expect(await applyFixes(REGISTRY, await look(stack), stack, recordingReporter())).toBe(true);
  expect(await redOf(stack)).toEqual({ red: [], blocked: [] });
  expect(stack.secrets.read("rag_key").reveal()).toBe(before);
});
