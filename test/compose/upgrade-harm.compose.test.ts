/**
 * An upgrade of a stack of containers, and one that is undone, killed or out of disk in every step that the record names, and in some with its Postgres
 * killed or out of disk: nothing is lost, and it ends whole. The engine and the containers outlive the elk-os that is killed.
 */
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { loadConfig } from "../../cli/src/config/load.ts";
import { EXIT } from "../../cli/src/errors/catalog.ts";
import { upAnswer } from "../support/answers.ts";
import { type ComposeProject, findComposeProject } from "../support/compose-project.ts";
import { type Engine, openEngine } from "../support/engine.ts";
import { linkCache } from "../support/linked-cache.ts";
import { eventually } from "../support/processes.ts";
import { makeReleasedCheckout, type ReleasedCheckout, releasePairs } from "../support/released-checkout.ts";
import { mountSmallDisk, type SmallDisk } from "../support/small-disk.ts";
import { CHECKOUT, layOutStack, type Stack } from "../support/stack.ts";
import {
  type Case,
  endsWhole,
  forward,
  type Harm,
  KILLED,
  MOMENTS,
  type Moment,
  outOfDisk,
} from "../support/upgrade-harm.ts";

const LONG_MS = 10 * 60_000;
const ROOT = { uid: 0, gid: 0 };
const INSTANCE = "upgrade-harm";
/** User of the image's Postgres. */
const POSTGRES_UID = 999;
/** Enough for the budget that HOST-02 asks for. */
const STATE_BYTES = 6 * 1024 ** 3;
/** Less than the first files of the Postgres take on which a backup is tried, and more than a small backup. */
const LEFT_BYTES = 8 * 1024 * 1024;
const VOLUME_BYTES = 2 * 1024 ** 3;
/** A volume in memory counts as memory of the container that writes it. */
const LIMIT_POSTGRES_MB = "3072";

const engine: Engine = await openEngine();
if (engine.kind === "none") process.stderr.write(`compose: skipped, no engine can run here: ${engine.why}\n`);

let folder: string;
let stateDisk: SmallDisk | null = null;
let volumeDisk: SmallDisk | null = null;
let checkout: ReleasedCheckout;
let stack: Stack;
let project: ComposeProject;

function docker(...args: readonly string[]): string {
  if (engine.kind === "none") throw new Error(engine.why);
  return engine.docker(...args);
}

function isRunning(service: string): boolean {
  const labels = [`com.docker.compose.project=${project.name}`, `com.docker.compose.service=${service}`];
  return docker("ps", "--quiet", ...labels.flatMap((label) => ["--filter", `label=${label}`])) !== "";
}

const BACK_MS = 60_000;

/** As the kernel does it when memory is short. The engine starts it again, and the next harm is for a Postgres that has recovered. */
const POSTGRES_KILLED: Harm = {
  hit() {
    const ask = () =>
      docker("inspect", "--format", "{{.State.Pid}} {{.State.Health.Status}}", project.container("postgres")).trim();
    const [pid = ""] = ask().split(" ");
    process.kill(z.coerce.number().int().positive().parse(pid), "SIGKILL");
    const isBack = () => !ask().startsWith(`${pid} `) && ask().endsWith(" healthy");
    return async () => void (await eventually("Postgres is back", isBack, BACK_MS));
  },
  expectHit: ({ exit, stdout, stderr }) =>
    expect([EXIT.phaseFailed, EXIT.unreachable, EXIT.rolledBack, EXIT.rollbackFailed], `${stdout}${stderr}`).toContain(
      exit,
    ),
};
const STATE_FULL = outOfDisk(() => stateDisk, STATE_BYTES, 0);
const NEARLY_FULL = outOfDisk(() => stateDisk, STATE_BYTES, LEFT_BYTES);
const STATE_NEARLY_FULL: Harm = {
  hit: NEARLY_FULL.hit,
  expectHit(ran) {
    NEARLY_FULL.expectHit(ran);
    expect(ran.stdout).toMatch(/scratch Postgres ended before it took a connection[\s\S]*No space left on device/);
  },
};
const VOLUME_FULL = outOfDisk(() => volumeDisk, VOLUME_BYTES, 0);

/** Compose is taking containers away, or has not yet made others. */
const without = (step: string): Moment => ({
  what: `while Directus is away in "${step}"`,
  isIt: (record) => record.step === step && !isRunning("directus"),
});

/** Postgres has begun a database beside the ones that it had. The record of a run before names the step already. */
function loading(): Moment {
  let newest: number | null = null;
  return {
    what: "while the data is loaded beside the board",
    isIt({ step, undo }) {
      if (step !== "rollback" || undo === null) return false;
      const bases = readdirSync(join(folder, "volume", "postgres", "base")).filter((name) => /^\d+$/.test(name));
      const now = Math.max(...bases.map(Number));
      newest ??= now;
      return now > newest;
    },
  };
}

const CASES: readonly Case[] = [
  {
    harm: "killed with all that it had started",
    pair: 1,
    forward: [...forward(KILLED), [without("up"), KILLED]],
    back: [
      [MOMENTS.up, KILLED],
      [MOMENTS.rollback, KILLED],
      [without("rollback"), KILLED],
      [MOMENTS.putBack, KILLED],
    ],
  },
  {
    harm: "out of disk where its state or its Postgres lies, or loses its Postgres",
    pair: 2,
    forward: [
      // Filled at once, the volume is full in each of them, and at first in going back.
      [MOMENTS.pull, VOLUME_FULL],
      [MOMENTS.pull, STATE_FULL],
      [MOMENTS.backup, POSTGRES_KILLED],
      [MOMENTS.backup, STATE_NEARLY_FULL],
      [MOMENTS.switch, STATE_FULL],
      [MOMENTS.up, STATE_FULL],
    ],
    back: [
      [MOMENTS.up, STATE_FULL],
      [MOMENTS.rollback, STATE_FULL],
      [MOMENTS.putBack, STATE_FULL],
      [loading(), POSTGRES_KILLED],
      [MOMENTS.putBack, VOLUME_FULL],
    ],
  },
];

describe.skipIf(engine.kind === "none")("of a stack of containers", () => {
  beforeAll(async () => {
    if (engine.kind === "none") return;
    folder = mkdtempSync(join(tmpdir(), "muster-upgrade-harm-"));
    for (const name of ["state", "volume"]) mkdirSync(join(folder, name), { mode: 0o711 });
    stateDisk = mountSmallDisk(join(folder, "state"), STATE_BYTES);
    volumeDisk = mountSmallDisk(join(folder, "volume"), VOLUME_BYTES);
    chmodSync(join(folder, "state"), 0o711);
    chownSync(join(folder, "volume"), POSTGRES_UID, POSTGRES_UID);
    checkout = makeReleasedCheckout(join(folder, "state", "checkout"), ROOT);
    releasePairs(checkout, CASES.length);
    stack = await layOutStack({
      checkout: checkout.folder,
      stateDir: join(checkout.folder, ".elk-os"),
      cacheDir: linkCache(loadConfig({ checkout: CHECKOUT }).value.cacheDir, join(folder, "state", "cache")).path,
      environment: {
        ...engine.environment,
        ELK_OS_DRIVER: "compose",
        ELK_OS_INSTANCE: INSTANCE,
        ELK_OS_LIMIT_POSTGRES_MB: LIMIT_POSTGRES_MB,
      },
    });
  });
  afterAll(async () => {
    if (engine.kind === "none") return;
    try {
      if (stack !== undefined) {
        await stack.run(["reset", "--yes", "--json"], { timeoutMs: LONG_MS });
        await stack.dispose();
      }
    } finally {
      for (const disk of [stateDisk, volumeDisk]) disk?.unmount();
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
      await engine.stop();
    }
  });

  it("comes up on a volume that lies on a disk of its own", { timeout: 2 * LONG_MS }, async () => {
    const made = await stack.run(["init", "--json"], { timeoutMs: LONG_MS });
    expect(made, `${made.stdout}${made.stderr}`).toMatchObject({ exit: 0 });
    makeVolume();
    const up = await stack.run(["up", "--json"], { timeoutMs: LONG_MS });
    expect(up, `${up.stdout}${up.stderr}`).toMatchObject({ exit: 0 });
    expect(upAnswer.parse(up.json)).toMatchObject({ ok: true, doctor: { fail: 0, warn: 0 } });
    project = findComposeProject(docker, stack);
    expect(existsSync(join(folder, "volume", "postgres", "PG_VERSION"))).toBe(true);
  });

  for (const one of CASES) endsWhole(one, () => ({ stack, checkout }));
});

/** Under the name and with the labels that Compose would give it. */
function makeVolume(): void {
  const recorded: unknown = JSON.parse(readFileSync(join(stack.stateDir, "instance.json"), "utf8"));
  const { instanceId } = z.object({ instanceId: z.string() }).parse(recorded);
  const name = `muster-${INSTANCE}-${instanceId.slice(0, 8)}`;
  const labels = [`com.docker.compose.project=${name}`, "com.docker.compose.volume=postgres"];
  const options = ["type=none", "o=bind", `device=${join(folder, "volume")}`];
  docker(
    ...["volume", "create", "--driver", "local"],
    ...options.flatMap((option) => ["--opt", option]),
    ...labels.flatMap((label) => ["--label", label]),
    `${name}_postgres`,
  );
}
