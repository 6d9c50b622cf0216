/** An upstream image as a real registry has it, one for each architecture under one name, and what the lock keeps of that. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { ensureImage } from "../../cli/src/drivers/compose/image-lock.ts";
import { imageSchema, judgeImage } from "../../cli/src/drivers/compose/judge-image.ts";
import { lockedOn, readLockFile } from "../../cli/src/drivers/compose/lock-file.ts";
import { platformOf } from "../../cli/src/drivers/compose/platforms.ts";
import { openEngine } from "../support/engine.ts";
import { findRegistry, type Registry, startRegistry } from "../support/registry.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const engine = await openEngine();
const found = findRegistry();
const why = engine.kind === "none" ? engine.why : "why" in found ? found.why : null;
const { signal } = new AbortController();
const HERE = platformOf(process.arch);
const ELSEWHERE_ARCH = process.arch === "x64" ? "arm64" : "x64";
const ELSEWHERE = platformOf(ELSEWHERE_ARCH);
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Docker, which all tests here have. */
function docker(...args: readonly string[]): string {
  if (engine.kind === "none") throw new Error(engine.why);
  return engine.docker(...args).trim();
}

describe.skipIf(why !== null)(why === null ? "an image of several architectures" : `not to be had: ${why}`, () => {
  let registry: Registry;
  let lockFile: string;
  let reference: string;
  const ensure = () => ensureImage(reference, lockFile, () => undefined, signal);
  const inspect = (name: string) => imageSchema.parse(JSON.parse(docker("image", "inspect", name))[0]);

  beforeEach(async () => {
    if (engine.kind === "none" || !("program" in found)) return;
    for (const [name, value] of Object.entries(engine.environment)) vi.stubEnv(name, value);
    onTestFinished(() => void vi.unstubAllEnvs());
    registry = await startRegistry(found.program);
    reference = `${registry.name}/service:1`;
    lockFile = join(temporaryFolder(), "compose.lock.json");
    onTestFinished(forget);
  });

  /** What the engine holds of that registry. */
  function forget(): void {
    const names = docker("image", "ls", "--all", "--format", "{{.ID}} {{.Repository}}", `${registry.name}/*`);
    const ids = names.split("\n").flatMap((line) => line.split(" ")[0] || []);
    if (ids.length > 0) docker("image", "rm", "--force", ...new Set(ids));
  }

  /** Puts an index of images of nothing but a text under the reference, and forgets them here. Answers the id of each. */
  function push(text: string, platforms: readonly string[]): Readonly<Record<string, string>> {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "text"), text);
    writeFileSync(join(folder, "Dockerfile"), "FROM scratch\nCOPY text /text\n");
    const ids: Record<string, string> = {};
    const tags = platforms.map((platform) => {
      const tag = `${registry.name}/service:${platform.replace("/", "-")}`;
      docker("build", "--quiet", "--provenance=false", "--platform", platform, "--tag", tag, folder);
      ids[platform] = inspect(tag).Id;
      docker("push", "--quiet", tag);
      return tag;
    });
    docker("buildx", "imagetools", "create", "--tag", reference, ...tags);
    forget();
    return ids;
  }

  test("is pulled by its name and locked for each of them: the index, and what it names", async () => {
    const ids = push("one", [HERE, ELSEWHERE]);
    expect(await ensure()).toBe(true);
    const lock = readLockFile(lockFile);
    expect(lock).toEqual({
      [reference]: {
        digest: expect.stringMatching(new RegExp(`^${registry.name}/service@sha256:`)),
        platforms: Object.fromEntries(
          [HERE, ELSEWHERE].map((name) => [name, { id: ids[name], manifest: expect.stringMatching(DIGEST) }]),
        ),
      },
    });
    expect(inspect(reference)).toMatchObject({ Id: ids[HERE], RepoDigests: [lock[reference]?.digest] });
    expect(await ensure(), "and is found there").toBe(false);

    // What a machine of the other architecture pulls under that name is what the lock from here says.
    docker("pull", "--quiet", "--platform", ELSEWHERE, reference);
    const entry = lock[reference];
    if (entry === undefined) throw new Error("It is not locked.");
    const locked = lockedOn(entry, ELSEWHERE);
    expect(judgeImage(reference, inspect(reference), { locked, machine: ELSEWHERE_ARCH })).toBeNull();
  });

  test("is kept to a lock that was made on another architecture, and a tag that moved since is refused", async () => {
    push("one", [HERE, ELSEWHERE]);
    await ensure();
    const whole = readFileSync(lockFile, "utf8");
    const { [reference]: entry } = readLockFile(lockFile);
    const silent = JSON.stringify({ [reference]: { ...entry, platforms: { ...entry?.platforms, [HERE]: null } } });
    forget();
    for (const lock of [whole, silent]) {
      writeFileSync(lockFile, lock);
      expect(await ensure(), "the same is taken").toBe(true);
      forget();
    }
    push("two", [HERE, ELSEWHERE]);
    for (const lock of [whole, silent]) {
      writeFileSync(lockFile, lock);
      await expect(ensure()).rejects.toMatchObject({
        code: "SERVICE_FAILED",
        message: expect.stringMatching(/ is sha256:\w+ now; this instance is locked to /),
      });
      expect(readFileSync(lockFile, "utf8")).toBe(lock);
      forget();
    }
  });

  test("without one for this machine is refused, saying which there are, and nothing is locked", async () => {
    push("one", [ELSEWHERE, "linux/s390x"]);
    await expect(ensure()).rejects.toMatchObject({
      code: "SERVICE_FAILED",
      message: `${reference} is built for ${ELSEWHERE}, linux/s390x; this machine is ${HERE}.`,
    });
    expect(existsSync(lockFile)).toBe(false);
  });

  test("is locked for this machine alone where it is here already and no registry answers", async () => {
    const ids = push("one", [HERE, ELSEWHERE]);
    docker("pull", "--quiet", reference);
    const [digest] = inspect(reference).RepoDigests ?? [];
    await registry.stop();
    expect(await ensure()).toBe(false);
    expect(readLockFile(lockFile)).toEqual({
      [reference]: { digest, platforms: { [HERE]: { id: ids[HERE], manifest: null }, [ELSEWHERE]: null } },
    });
  });
});
