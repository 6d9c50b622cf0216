/** Images before containers: what is refused, and that everything is here before anything is stopped. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { fixtureStack } from "../../../../test/support/fixture-stack.ts";
import { standInDocker } from "../../../../test/support/stand-in-docker.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { up } from "../../phases/up.ts";
import { entryPath } from "../embedded/staging/cache-entry.ts";
import { composeDriver } from "./compose-driver.ts";
import { imageReferences, upstreamReferences } from "./container-images.ts";
import { ensureImage } from "./image-lock.ts";
import { readLock, readLockFile } from "./lock-file.ts";

const CHECKOUT = resolve(import.meta.dirname, "..", "..", "..", "..");
const { signal } = new AbortController();
const quiet = () => undefined;
const HERE = process.arch === "x64" ? "amd64" : process.arch;
const ELSEWHERE = HERE === "amd64" ? "arm64" : "amd64";
const imageOf = (id: string, architecture = HERE) => ({
  Id: `sha256:${id}`,
  RepoDigests: [`registry/x@sha256:${id}0`],
  Architecture: architecture,
  Os: "linux",
});

describe("an image", () => {
  const lockFile = () => join(temporaryFolder(), "compose.lock.json");
  const ensure = (lock: string) => ensureImage("x:1", lock, quiet, signal);

  test("is pulled once and locked, and found here after that", async () => {
    const [docker, lock] = [standInDocker(), lockFile()];
    docker.offer({ "x:1": imageOf("aa") });
    expect(await ensure(lock)).toBe(true);
    expect(readLockFile(lock), "no registry said more").toEqual({
      "x:1": {
        digest: "registry/x@sha256:aa0",
        platforms: { [`linux/${HERE}`]: { id: "sha256:aa", manifest: null }, [`linux/${ELSEWHERE}`]: null },
      },
    });
    expect(readLock(lock)).toEqual({ "x:1": { id: "sha256:aa" } });
    expect(await ensure(lock)).toBe(false);
    expect(docker.calls().filter((call) => call.startsWith("pull"))).toEqual(["pull --quiet x:1"]);
  });

  test("is kept to a lock that was written before there were platforms in it", async () => {
    const [docker, lock] = [standInDocker(), lockFile()];
    const former = { "x:1": { id: "sha256:aa", digest: "registry/x@sha256:aa0" } };
    writeFileSync(lock, JSON.stringify(former));
    docker.hold({ "x:1": imageOf("aa") });
    expect(await ensure(lock)).toBe(false);
    expect(JSON.parse(readFileSync(lock, "utf8"))).toEqual(former);
    docker.hold({ "x:1": imageOf("bb") });
    await expect(ensure(lock)).rejects.toMatchObject({ message: expect.stringContaining("locked to sha256:aa") });
  });

  test("of a lock from another architecture that no registry explained is the one that was pulled by its digest, and is locked then", async () => {
    const [docker, lock] = [standInDocker(), lockFile()];
    const platforms = { [`linux/${ELSEWHERE}`]: { id: "sha256:cc", manifest: null }, [`linux/${HERE}`]: null };
    writeFileSync(lock, JSON.stringify({ "x:1": { digest: "registry/x@sha256:aa0", platforms } }));
    docker.hold({ "x:1": imageOf("bb") });
    await expect(ensure(lock)).rejects.toMatchObject({
      message: "x:1 is sha256:bb0 now; this instance is locked to registry/x@sha256:aa0.",
    });
    docker.hold({ "x:1": imageOf("aa") });
    expect(await ensure(lock)).toBe(false);
    expect(readLockFile(lock)["x:1"]?.platforms).toEqual({
      [`linux/${ELSEWHERE}`]: { id: "sha256:cc", manifest: null },
      [`linux/${HERE}`]: { id: "sha256:aa", manifest: null },
    });
  });

  test("that cannot be pulled fails with the registry's words, and nothing is locked", async () => {
    const [, lock] = [standInDocker(), lockFile()];
    await expect(ensure(lock)).rejects.toMatchObject({
      code: "INSTALL_FAILED",
      message: expect.stringMatching(/^The image x:1 could not be pulled: .*\n.*manifest unknown/),
    });
    expect(existsSync(lock)).toBe(false);
  });

  /** A registry's answers for an index of these, and its digest there. */
  function indexOf(images: Readonly<Record<string, string>>) {
    const digestOf = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
    const configs = Object.entries(images).map(([architecture, id]) => {
      const text = JSON.stringify({ schemaVersion: 2, config: { digest: id } });
      return { architecture, text, digest: digestOf(text) };
    });
    const manifests = configs.map(({ architecture, digest }) => ({ digest, platform: { os: "linux", architecture } }));
    // BuildKit lists beside the images what it says of their making.
    const proof = { digest: `sha256:${"f".repeat(64)}`, platform: { os: "unknown", architecture: "unknown" } };
    const text = JSON.stringify({ schemaVersion: 2, manifests: [...manifests, proof] });
    const name = `registry/x@${digestOf(text)}`;
    const named = Object.fromEntries(configs.map((config) => [`registry/x@${config.digest}`, config.text]));
    const locked = Object.fromEntries(
      configs.map(({ architecture, digest }) => [
        `linux/${architecture}`,
        { id: images[architecture], manifest: digest },
      ]),
    );
    return { text, name, named: { ...named, [name]: text }, locked };
  }
  const [HERE_ID, THERE_ID] = [`sha256:${"a".repeat(64)}`, `sha256:${"b".repeat(64)}`];

  test("is locked with what the registry has for the other architecture, and its index", async () => {
    const [docker, lock] = [standInDocker(), lockFile()];
    const { name, named, locked } = indexOf({ [HERE]: HERE_ID, [ELSEWHERE]: THERE_ID });
    docker.name(named);
    docker.offer({ "x:1": { ...imageOf(""), Id: HERE_ID, RepoDigests: [name] } });
    await ensure(lock);
    expect(readLockFile(lock)).toEqual({ "x:1": { digest: name, platforms: locked } });
    const asked = docker.calls().filter((call) => call.startsWith("buildx"));
    await ensure(lock);
    expect(
      docker.calls().filter((call) => call.startsWith("buildx")),
      "once",
    ).toEqual(asked);
  });

  test.each([
    [
      "names another image for this machine",
      { [HERE]: THERE_ID, [ELSEWHERE]: HERE_ID },
      (text: string) => text,
      /names sha256:bbb/,
    ],
    ["names none for this machine", { [ELSEWHERE]: THERE_ID }, (text: string) => text, /names no image/],
    [
      "is given with other bytes",
      { [HERE]: HERE_ID },
      (text: string) => `${text} `,
      /^The registry gave sha256:\w+ for registry\/x@/,
    ],
  ])("whose index %s is refused, and nothing is locked", async (_what, images, alter, message) => {
    const [docker, lock] = [standInDocker(), lockFile()];
    const { name, named, text } = indexOf(images);
    docker.name({ ...named, [name]: alter(text) });
    docker.offer({ "x:1": { ...imageOf(""), Id: HERE_ID, RepoDigests: [name] } });
    await expect(ensure(lock)).rejects.toMatchObject({
      code: "SERVICE_FAILED",
      message: expect.stringMatching(message),
    });
    expect(existsSync(lock)).toBe(false);
  });

  test("of another architecture is refused, pulled or here already, and nothing is locked", async () => {
    const [docker, lock] = [standInDocker(), lockFile()];
    const refused = { code: "SERVICE_FAILED", message: expect.stringContaining(`built for linux/${ELSEWHERE}`) };
    docker.offer({ "x:1": imageOf("aa", ELSEWHERE) });
    await expect(ensure(lock)).rejects.toMatchObject(refused);
    await expect(ensure(lock)).rejects.toMatchObject(refused);
    expect(existsSync(lock)).toBe(false);
  });

  test("under a tag that moved is refused, and the lock stays as it was", async () => {
    const [docker, lock] = [standInDocker(), lockFile()];
    docker.hold({ "x:1": imageOf("aa") });
    await ensure(lock);
    const before = readFileSync(lock, "utf8");
    docker.hold({});
    docker.offer({ "x:1": imageOf("bb") });
    await expect(ensure(lock)).rejects.toMatchObject({
      code: "SERVICE_FAILED",
      message: "x:1 is sha256:bb now; this instance is locked to sha256:aa.",
    });
    expect(readFileSync(lock, "utf8")).toBe(before);
  });
});

describe("before anything is stopped", () => {
  /** The compose driver on an empty state folder, with what our own images are made of in its cache and the upstream images in the registry. */
  function place() {
    const folder = temporaryFolder();
    const docker = standInDocker();
    const flags = { driver: "compose", stateDir: join(folder, "state"), cacheDir: join(folder, "cache") };
    const stack = fixtureStack(CHECKOUT, flags);
    mkdirSync(stack.paths.root, { recursive: true });
    const driver = composeDriver(stack);
    for (const entry of driver.entries()) {
      const path = entryPath(stack.config.cacheDir, entry);
      for (const file of [".elk-os-complete", ...entry.proof]) {
        mkdirSync(dirname(join(path, file)), { recursive: true });
        writeFileSync(join(path, file), file === ".elk-os-complete" ? entry.key : "");
      }
    }
    const upstream = upstreamReferences(stack);
    docker.offer(Object.fromEntries(upstream.map((reference, index) => [reference, imageOf(`up${index}`)])));
    return { stack: { ...stack, driver }, docker, upstream };
  }
  const NOT_INSTALLED = { code: "INSTALL_FAILED" };
  const verbsOf = (calls: readonly string[]) => calls.filter((call) => /^(pull|build) /.test(call));

  test("whichever service is staged first has every upstream image pulled and ours built, the next finds all there, and what is cleared away is built anew", async () => {
    const { stack, docker, upstream } = place();
    expect(await stack.driver.stage("directus", quiet, signal)).toBe(true);
    const made = verbsOf(docker.calls());
    expect(made.slice(0, 4)).toEqual(upstream.map((reference) => `pull --quiet ${reference}`));
    expect(made.slice(4).map((call) => /--tag muster\/(\w+):/.exec(call)?.[1])).toEqual(["rag", "portal"]);
    expect(Object.keys(readLock(stack.paths.imageLock))).toHaveLength(6);
    expect(await stack.driver.stage("postgres", quiet, signal)).toBe(false);
    expect(verbsOf(docker.calls())).toEqual(made);

    // Somebody cleared the engine of what no container runs. What we build again has another id, and is no stranger for that.
    const before = readLock(stack.paths.imageLock);
    docker.hold({});
    expect(await stack.driver.stage("directus", quiet, signal)).toBe(true);
    const after = readLock(stack.paths.imageLock);
    const changed = Object.keys(after).filter((reference) => after[reference]?.id !== before[reference]?.id);
    expect(changed.map((reference) => reference.split(":")[0])).toEqual(["muster/rag", "muster/portal"]);
  });

  test("an image of ours that another instance built meanwhile is taken as it is, and nothing is left of the second one", async () => {
    const { stack, docker } = place();
    const { rag } = imageReferences(stack);
    docker.buildMeanwhile({ [rag]: imageOf("theirs") });
    expect(await stack.driver.stage("rag", quiet, signal)).toBe(true);
    expect(readLock(stack.paths.imageLock)[rag]).toEqual({ id: "sha256:theirs" });
    const names = docker.held().filter((name) => name.startsWith("muster_rag"));
    expect(names).toEqual([rag.replaceAll(/[/:]/g, "_")]);
  });

  test.each([
    [
      "an upstream image that cannot be pulled",
      ({ docker }: ReturnType<typeof place>) => docker.offer({}),
      NOT_INSTALLED,
    ],
    [
      "an upstream image that the registry has for another architecture only",
      ({ docker, upstream: [reference = ""] }: ReturnType<typeof place>) => {
        docker.offer({});
        const platform = { os: "linux", architecture: ELSEWHERE };
        docker.name({ [reference]: JSON.stringify({ manifests: [{ digest: `sha256:${"a".repeat(64)}`, platform }] }) });
      },
      { code: "SERVICE_FAILED", message: expect.stringContaining(`is built for linux/${ELSEWHERE}; this machine is`) },
    ],
    [
      "the portal, which cannot be built",
      ({ docker }: ReturnType<typeof place>) => docker.breakBuildsOf("muster/portal"),
      NOT_INSTALLED,
    ],
  ])("the first step of up fails for %s, and no container is asked for", async (_what, harm, refusal) => {
    const here = place();
    harm(here);
    await expect(up.steps[0]?.run(here.stack, quiet, signal)).rejects.toMatchObject(refusal);
    expect(here.docker.calls().filter((call) => !/^(pull|build|buildx|image) /.test(call))).toEqual([]);
  });
});
