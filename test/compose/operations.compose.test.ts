/** What an operator does to a stack of containers: carry its images, put a backup back, replace secrets, go to a release and back, remove it all. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { loadConfig } from "../../cli/src/config/load.ts";
import { upAnswer } from "../support/answers.ts";
import { type ComposeProject, findComposeProject } from "../support/compose-project.ts";
import { expectGreen, newestMigration } from "../support/doctor.ts";
import { type Engine, openEngine } from "../support/engine.ts";
import { linkCache, linkToolchain } from "../support/linked-cache.ts";
import { eventually } from "../support/processes.ts";
import { makeReleasedCheckout, type ReleasedCheckout, releasePairs } from "../support/released-checkout.ts";
import { CHECKOUT, layOutStack, type Ran, type Stack } from "../support/stack.ts";
import { addTask, countTasks } from "../support/titled-tasks.ts";

/** Images are built, a board is saved and tried, and services start again one after the other. */
const LONG_MS = 10 * 60_000;
const ROOT = { uid: 0, gid: 0 };
/** One of each kind: of the server itself, of a role, of Directus, of search, of an agent. */
const ROTATED = ["postgres_superuser_password", "muster_directus_password", "directus_secret", "rag_key", "agent-a01"];

const downtime = z.looseObject({ downtimeSeconds: z.record(z.string(), z.number()) });
const exported = z.looseObject({
  archive: z.string(),
  manifest: z.looseObject({ images: z.array(z.object({ reference: z.string(), id: z.string() })).min(1) }),
});

const engine: Engine = await openEngine();
if (engine.kind === "none") process.stderr.write(`compose: skipped, no engine can run here: ${engine.why}\n`);

let folder: string;
let checkout: ReleasedCheckout;
let stack: Stack;
let project: ComposeProject;

function docker(...args: readonly string[]): string {
  if (engine.kind === "none") throw new Error(engine.why);
  return engine.docker(...args);
}

const run = (...args: readonly string[]) => stack.run([...args, "--json"], { timeoutMs: LONG_MS });
/** Of a failure the suite's report shows one line: what a verb within the verb found red stands in it. */
const said = ({ stdout, stderr }: Ran) => {
  const found = stderr.split("\n").filter((line) => /^(\S (red|error) |elk-os:)/.test(line));
  return [found.join("; "), stdout, stderr].join("\n");
};
const lost = (ran: Ran) => {
  const { downtimeSeconds } = downtime.parse(ran.json);
  return Object.entries(downtimeSeconds).map(([service, seconds]) => `${service} ${seconds} s`);
};
const headIs = (tag: string) =>
  expect(checkout.git("rev-parse", "HEAD")).toBe(checkout.git("rev-parse", `${tag}^{commit}`));

describe.skipIf(engine.kind === "none")("a stack of containers", { timeout: 2 * LONG_MS }, () => {
  beforeAll(async () => {
    if (engine.kind === "none") return;
    folder = mkdtempSync(join(tmpdir(), "muster-operations-"));
    checkout = makeReleasedCheckout(join(folder, "checkout"), ROOT);
    releasePairs(checkout, 1);
    const shared = loadConfig({ checkout: CHECKOUT }).value.cacheDir;
    const cache = linkCache(shared, join(folder, "cache"));
    linkToolchain(shared, cache.path);
    stack = await layOutStack({
      checkout: checkout.folder,
      stateDir: join(checkout.folder, ".elk-os"),
      cacheDir: cache.path,
      environment: { ...engine.environment, ELK_OS_DRIVER: "compose" },
    });
  });
  afterAll(async () => {
    if (engine.kind === "none") return;
    try {
      if (existsSync(stack.stateDir)) await run("reset", "--yes");
      await stack.dispose();
      rmSync(folder, { recursive: true, force: true });
    } finally {
      await engine.stop();
    }
  });

  it("comes up on upstream images that a bundle brought to an engine without them", async () => {
    const packed = await run("bundle", "export", folder);
    expect(packed, said(packed)).toMatchObject({ exit: 0, json: { ok: true } });
    const { archive, manifest } = exported.parse(packed.json);
    const member = `${basename(archive, ".tar")}/bundle/licences.txt`;
    const licences = execFileSync("tar", ["-xOf", archive, member], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
    for (const { reference } of manifest.images) expect(licences).toContain(`libc6 in ${reference} `);
    expect(licences).toContain("GNU LESSER GENERAL PUBLIC LICENSE");
    for (const { reference } of manifest.images) docker("image", "rm", "--force", reference);
    const idOf = (reference: string) => docker("image", "ls", "--quiet", "--no-trunc", reference).trim();
    expect(manifest.images.map(({ reference }) => idOf(reference)).filter((id) => id !== "")).toEqual([]);

    const unpacked = await run("bundle", "import", archive);
    expect(unpacked, said(unpacked)).toMatchObject({ exit: 0, json: { ok: true, made: ["images"] } });
    expect(manifest.images.map(({ reference }) => idOf(reference))).toEqual(manifest.images.map(({ id }) => id));
    rmSync(archive);

    const up = await run("up");
    expect(up, said(up)).toMatchObject({ exit: 0, json: { ok: true, doctor: { fail: 0, warn: 0 } } });
    project = findComposeProject(docker, stack);
  });

  it("gets a backup back, and keeps the board that it replaced", async () => {
    await addTask(stack, "before the backup");
    expect(await run("backup", "create")).toMatchObject({ exit: 0, json: { ok: true, backup: { valid: true } } });
    await addTask(stack, "after the backup");
    const restored = await run("restore", "latest", "--yes");
    expect(restored, said(restored)).toMatchObject({ exit: 0, json: { ok: true } });
    const titles = ["before the backup", "after the backup"];
    expect(await Promise.all(titles.map((title) => countTasks(stack, title)))).toEqual([1, 0]);
    await expectGreen(stack);
  });

  it("leaves no half backup when it is killed or finds the disk full, and makes a whole one afterwards", async () => {
    const scratch = () => docker("ps", "--quiet", "--filter", `label=io.muster.scratch=${project.name}`);
    const { child, ended } = stack.start(["backup", "create", "--json"], { timeoutMs: LONG_MS });
    await eventually("the backup is tried", () => scratch() !== "", LONG_MS);
    child.kill("SIGKILL");
    await ended;
    const backups = join(stack.stateDir, "backups");
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "none", backups]);
    try {
      const full = await run("backup", "create");
      expect(full, said(full)).toMatchObject({ exit: 7, json: { ok: false, error: { code: "DISK_FULL" } } });
      expect(readdirSync(backups)).toEqual([]);
    } finally {
      execFileSync("umount", [backups]);
    }
    expect(await run("backup", "create")).toMatchObject({ exit: 0, json: { ok: true, backup: { valid: true } } });
    expect(scratch()).toBe("");
    await expectGreen(stack);
  });

  it("takes new secrets while it runs, and nothing but their readers starts again", async ({ annotate }) => {
    const startedAt = () =>
      new Map(project.containers().map((id) => [id, docker("inspect", "--format", "{{.State.StartedAt}}", id)]));
    for (const name of ROTATED) {
      const before = startedAt();
      const rotated = await run("secrets", "rotate", name);
      expect(rotated, `${name}: ${said(rotated)}`).toMatchObject({ exit: 0, json: { ok: true } });
      const { restarted } = z.looseObject({ restarted: z.array(z.string()) }).parse(rotated.json);
      const kept = [...startedAt()].filter(([id, at]) => before.get(id) === at).length;
      expect(kept, name).toBe(before.size - restarted.length);
      await annotate(`${name}: did not serve: ${lost(rotated).join(", ") || "nobody"}`);
    }
    expect(upAnswer.parse((await run("up")).json)).toMatchObject({ ok: true, changed: 0, doctor: { fail: 0 } });
  });

  it("sees secrets that a hand changed, the superuser's too, and puts them in force", async () => {
    for (const name of ["postgres_superuser_password", "muster_portal_password"])
      writeFileSync(join(stack.stateDir, "secrets", name), randomBytes(32).toString("hex"), { mode: 0o600 });
    expect(await run("secrets", "check")).toMatchObject({ exit: 3 });
    const mended = await run("secrets", "check", "--fix");
    expect(mended, said(mended)).toMatchObject({ exit: 0, json: { ok: true } });
    await expectGreen(stack);
  });

  it("goes to a release, saved before and green after, and loses nothing", async ({ annotate }) => {
    await addTask(stack, "before the upgrade");
    expect(await run("upgrade", "v0.2.0", "--dry-run")).toMatchObject({ exit: 9, json: { pending: true } });
    const went = await run("upgrade", "v0.2.0");
    expect(went, said(went)).toMatchObject({ exit: 0, json: { ok: true, to: { version: "0.2.0" } } });
    await annotate(`upgrade: did not serve: ${lost(went).join(", ")}`);
    headIs("v0.2.0");
    expect(await newestMigration(stack)).toBe(9000);
    expect(await countTasks(stack, "before the upgrade")).toBe(1);
    await expectGreen(stack);
  });

  it("goes back by itself from a release that does not get green, with the board of before", async () => {
    await addTask(stack, "before the red release");
    const went = await run("upgrade", "v0.3.0");
    expect(went, said(went)).toMatchObject({ exit: 13, json: { error: { code: "UPGRADE_ROLLED_BACK" } } });
    headIs("v0.2.0");
    expect(await newestMigration(stack)).toBe(9000);
    expect(await countTasks(stack, "before the red release")).toBe(1);
    await expectGreen(stack);
  });

  it("is removed without a container, network, volume, file or port of it left", async () => {
    const removed = await run("uninstall", "--yes", "--backups");
    expect(removed, said(removed)).toMatchObject({ exit: 0, json: { ok: true, left: [] } });
    expect([project.containers(), project.networks(), project.volumes()]).toEqual([[], [], []]);
    expect(existsSync(stack.stateDir)).toBe(false);
    const listening = readFileSync("/proc/net/tcp", "utf8");
    for (const port of Object.values(stack.ports))
      expect(listening).not.toContain(`:${port.toString(16).toUpperCase().padStart(4, "0")} 00000000:0000 0A`);
  });
});
