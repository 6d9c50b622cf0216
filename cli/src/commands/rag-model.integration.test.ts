/**
 * A model that is pulled, proven and used by a running service, from a folder on this machine, with the library that runs it. MUSTER_MODEL_FILES names a
 * folder with the published files of the catalogue's all-minilm-l6-v2: 55 MB that no test fetches.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { type DrivenInstance, drivenInstance } from "../../../test/support/embedded/driven-instance.ts";
import { runCli } from "../../../test/support/run-cli.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { loadConfig } from "../config/load.ts";
import { runCommand } from "../host/run.ts";

const CHECKOUT = resolve(import.meta.dirname, "..", "..", "..");
const MODEL = "elk-onnx-test";
const PUBLISHED = process.env["MUSTER_MODEL_FILES"];
/** The library is installed once a cache: a minute from the registry. */
const TIMEOUT_MS = 300_000;
/** Where npm finds its registry: the launcher says it in these, and a program under test has a bare environment. */
const NPM_SETTINGS = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) =>
    /^npm_config_/i.test(name) && value !== undefined ? [[name, value] as const] : [],
  ),
);

async function ask({ state, cache, ports }: DrivenInstance, ...args: string[]) {
  const environment = {
    ...NPM_SETTINGS,
    ELK_OS_STATE_DIR: state,
    ELK_OS_CACHE_DIR: cache,
    ELK_OS_POSTGRES_PORT: String(ports[0]),
    ELK_OS_DIRECTUS_PORT: String(ports[1]),
    ELK_OS_RAG_PORT: String(ports[2]),
    ELK_OS_PORTAL_PORT: String(ports[3]),
  };
  const { code, stdout, stderr } = await runCli([...args, "--json"], { environment });
  return { code, text: stdout + stderr, json: JSON.parse(stdout) };
}

async function startSearch(): Promise<DrivenInstance> {
  const cache = loadConfig({ checkout: CHECKOUT }).value.cacheDir;
  const instance = await drivenInstance({ checkout: CHECKOUT, cache });
  await instance.drive("up", "rag");
  return instance;
}

test(
  "a model is pulled from a folder, proven and used by the running service, refused when harmed, and left again",
  async () => {
    const source = temporaryFolder();
    await runCommand([process.execPath, "rag/scripts/make-onnx-model.ts", source], {
      purpose: "The model could not be made",
      timeoutMs: 60_000,
      cwd: CHECKOUT,
    });
    const instance = await startSearch();
    const catalogue = ["--catalogue", join(source, "catalogue.json")];
    const model = (verb: string, ...rest: string[]) => ask(instance, "rag", "model", verb, ...rest, ...catalogue);

    expect(await model("use", MODEL)).toMatchObject({ json: { error: { code: "MODEL_UNUSABLE" } } });
    expect(await model("pull", MODEL, "--from", `file://${source}`)).toMatchObject({ code: 0, json: { changed: 1 } });
    const used = await model("use", MODEL);
    expect(used, used.text).toMatchObject({ code: 0, json: { changed: 1, proven: true } });
    expect(await model("use", MODEL)).toMatchObject({ code: 0, json: { changed: 0 } });
    expect(await model("self-test")).toMatchObject({
      code: 0,
      json: { ok: true, inUse: { id: MODEL, state: "verified" } },
    });
    expect((await model("list")).json).toMatchObject({ inUse: MODEL });
    expect((await ask(instance, "search", "a port proves nothing about its owner", "--explain")).json).toMatchObject({
      mode: "hybrid",
      hits: expect.arrayContaining([expect.objectContaining({ path: "memory/port-is-no-identity.md" })]),
    });

    expect(await model("use", "elk-static-v3")).toMatchObject({ code: 0, json: { changed: 1, proven: true } });
    const card = join(instance.state, "data/models", MODEL, "model.json");
    writeFileSync(card, readFileSync(card, "utf8").replace("Zebra printer labels", "the weather in spring"));
    const refused = await model("use", MODEL);
    expect(refused).toMatchObject({ json: { error: { code: "MODEL_UNUSABLE" } } });
    expect(refused.json.error.message).toContain("self-test");
    expect(await model("self-test")).toMatchObject({ code: 0, json: { inUse: { id: "elk-static-v3" } } });
  },
  TIMEOUT_MS,
);

test.runIf(PUBLISHED !== undefined)(
  "the published MiniLM of the shipped catalogue is pulled from its files, proven and asked",
  async () => {
    const instance = await startSearch();
    const model = (verb: string, ...rest: string[]) => ask(instance, "rag", "model", verb, ...rest);
    const pulled = await model("pull", "all-minilm-l6-v2", "--from", `file://${PUBLISHED}`);
    expect(pulled, pulled.text).toMatchObject({ code: 0, json: { changed: 1 } });
    const used = await model("use", "all-minilm-l6-v2");
    expect(used, used.text).toMatchObject({ code: 0, json: { changed: 1, proven: true } });
    expect(await model("self-test")).toMatchObject({
      code: 0,
      json: { ok: true, inUse: { id: "all-minilm-l6-v2", state: "verified" } },
    });
    const { json } = await ask(instance, "search", "being asked twice must not do the work twice", "--explain");
    expect(json).toMatchObject({ mode: "hybrid" });
    expect(json.hits.some(({ explain }: { explain: { dense?: object } }) => explain.dense !== undefined)).toBe(true);
  },
  TIMEOUT_MS,
);
