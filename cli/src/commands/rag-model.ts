import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import type { LoadedConfig } from "../config/load.ts";
import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import { CATALOGUE_FILE, type CatalogueModel, describeModel, readCatalogue } from "../models/model-catalogue.ts";
import { type ModelChoice, modelsFolder, readChoice, writeChoice } from "../models/model-choice.ts";
import { ensureModelRuntime, RUNTIME_LIBRARY } from "../models/model-runtime.ts";
import { pullModel } from "../models/pull-model.ts";
import { openRag } from "../rag-client/rag-client.ts";
import { readSettledHealth } from "../rag-client/rag-health.ts";
import { withStack } from "../stack/open-stack.ts";
import type { Command, OptionSpec } from "./command.ts";

/** Below the checkout: the one card there is of the model that ships with the service and needs no pull. */
const SHIPPED_MODELS = "rag/src/embedding/models";

const CATALOGUE: OptionSpec = {
  flags: "--catalogue <file>",
  description: `models to choose from (default ${CATALOGUE_FILE})`,
};

type Options = Readonly<Record<string, unknown>>;

function catalogueOf(loaded: LoadedConfig, { catalogue }: Options): readonly CatalogueModel[] {
  return readCatalogue(typeof catalogue === "string" ? catalogue : join(loaded.checkout, CATALOGUE_FILE));
}

function folderOf(loaded: LoadedConfig): string {
  return modelsFolder(loaded.value.stateDir);
}

/** The service proves the chosen model and embeds with it; null when nobody answers, and the next start does. */
async function reload(loaded: LoadedConfig, signal: AbortSignal): Promise<z.infer<typeof reloaded> | null> {
  try {
    return await withStack(loaded, async (stack) =>
      reloaded.parse(await (await openRag(stack, signal)).call("POST", "/model/reload", {})),
    );
  } catch (error) {
    if (error instanceof CliError && error.code === "SEARCH_UNREACHABLE") return null;
    throw error;
  }
}

const reloaded = z.object({ model: z.string().nullable(), state: z.string(), refusal: z.string().nullable() });

function shippedModel({ checkout }: LoadedConfig): { readonly id: string; readonly dims: number } {
  const folder = join(checkout, SHIPPED_MODELS);
  const name = readdirSync(folder).find((file) => file.endsWith(".json"));
  const card: unknown = JSON.parse(readFileSync(join(folder, name ?? ""), "utf8"));
  return z.looseObject({ id: z.string(), dims: z.number() }).parse(card);
}

function findModel(models: readonly CatalogueModel[], name: string): CatalogueModel {
  const found = models.find((model) => model.name === name);
  if (found !== undefined) return found;
  throw new CliError("USAGE_INVALID", {
    message: `The catalogue has no model "${name}". It has: ${models.map((model) => model.name).join(", ") || "none"}.`,
    hint: "elk-os rag model list",
  });
}

const ragModelList: Command = {
  name: "rag model list",
  summary: "Show the models that search can have, and what of them is here",
  help: "Every byte of a pulled model is read again. The shipped model needs no pull.",
  options: [CATALOGUE],
  run: async ({ loaded, options }) => {
    const shipped = shippedModel(loaded);
    const inUse = readChoice(folderOf(loaded))?.model ?? shipped.id;
    const models = catalogueOf(loaded, options).map((model) => ({
      name: model.name,
      dims: model.dims,
      licence: model.licence,
      limits: model.limits,
      ...describeModel(folderOf(loaded), model),
    }));
    return {
      exit: EXIT.ok,
      data: { inUse, models: [{ name: shipped.id, dims: shipped.dims, state: "shipped" }, ...models] },
      lines: [
        `${shipped.id.padEnd(20)} shipped   ${shipped.dims} numbers`,
        ...models.map(({ name, state, dims, limits }) =>
          `${name.padEnd(20)} ${state.padEnd(9)} ${dims} numbers  ${limits}`.trimEnd(),
        ),
        `chosen: ${inUse}`,
      ],
    };
  },
};

const ragModelPull: Command = {
  name: "rag model pull",
  summary: "Bring a model of the catalogue here, resumed after a cut, compared with its digests",
  help: `The only command that fetches anything at run time, and only when it is called. Without a network, --from names a folder.

  elk-os rag model pull all-minilm-l6-v2
  elk-os rag model pull all-minilm-l6-v2 --from file:///media/stick`,
  arguments: [{ name: "<name>", description: "model of the catalogue" }],
  options: [
    CATALOGUE,
    { flags: "--from <url>", description: "folder that holds the files: http(s):// or file://", config: "modelSource" },
  ],
  run: async ({ args, options, loaded, reporter, signal }) => {
    const model = findModel(catalogueOf(loaded, options), args[0] ?? "");
    const { modelSource } = loaded.value;
    const changed = await pullModel(model, {
      folder: folderOf(loaded),
      source: modelSource === "" ? null : modelSource,
      progress: (line) => reporter.note(line),
      signal,
    });
    const place = join(folderOf(loaded), model.name);
    return {
      exit: EXIT.ok,
      data: { ok: true, changed: changed ? 1 : 0, name: model.name, folder: place, limits: model.limits },
      lines: [
        `${changed ? "pulled" : "unchanged"}  ${place}`,
        ...(model.limits === "" ? [] : [`note    ${model.limits}`]),
      ],
    };
  },
};

const ragModelUse: Command = {
  name: "rag model use",
  summary: "Choose the model that search embeds with",
  help: `A pulled model needs a library to run it: it is installed by a lock with digests, once a cache, the first time a pulled model is used. A running service
then proves the model: files against digests, committed sentences against committed vectors. One that fails its proof is not used, and the choice is taken back.

  elk-os rag model use all-minilm-l6-v2
  elk-os rag model use elk-static-v3      back to the shipped one

Without a network --runtime names a folder that was filled on another machine, in rag/runtimes/huggingface of the same release:

  npm ci --omit=dev --ignore-scripts --cache FOLDER`,
  arguments: [{ name: "<name>", description: "the shipped model, or one of the catalogue" }],
  options: [
    CATALOGUE,
    { flags: "--runtime <folder>", description: "npm cache to install the library from", config: "modelRuntime" },
  ],
  run: async ({ args, options, loaded, reporter, signal }) => {
    const name = args[0] ?? "";
    const folder = folderOf(loaded);
    const before = readChoice(folder);
    const choice =
      name === shippedModel(loaded).id
        ? null
        : await toChoice(loaded, findModel(catalogueOf(loaded, options), name), (line) => reporter.note(line), signal);
    const changed = writeChoice(folder, choice);
    const answer = changed ? await reload(loaded, signal) : null;
    if (answer !== null && answer.model !== name) {
      writeChoice(folder, before);
      await reload(loaded, signal);
      throw new CliError("MODEL_UNUSABLE", {
        message: `${name} failed its proof: ${answer.refusal ?? answer.state}.`,
        hint: "Nothing was changed. elk-os rag model list names what is damaged; pull it again.",
        facts: { name, ...answer },
      });
    }
    const proven =
      answer === null ? "at the next start of the service" : "proven, passages are embedded in the background";
    return {
      exit: EXIT.ok,
      data: { ok: true, changed: changed ? 1 : 0, name, proven: answer !== null },
      lines: [changed ? `in use  ${name}, ${proven}` : `unchanged  ${name} is in use`],
    };
  },
};

async function toChoice(
  loaded: LoadedConfig,
  model: CatalogueModel,
  progress: (line: string) => void,
  signal: AbortSignal,
): Promise<ModelChoice> {
  const standing = describeModel(folderOf(loaded), model);
  const refusal =
    model.run === undefined
      ? model.limits || "the catalogue does not say how it is run."
      : standing.state === "pulled"
        ? null
        : `it is ${standing.state}${standing.wrong.length === 0 ? "" : `: ${standing.wrong.join(", ")}`}.`;
  if (refusal !== null) {
    throw new CliError("MODEL_UNUSABLE", {
      message: `${model.name} cannot be used: ${refusal}`,
      hint:
        model.run === undefined ? "Name another model or another --catalogue." : `elk-os rag model pull ${model.name}`,
      facts: { name: model.name, ...standing },
    });
  }
  const { checkout, value } = loaded;
  const vendored = value.modelRuntime === "" ? null : resolve(value.modelRuntime);
  const runtime = await ensureModelRuntime({ checkout, cacheDir: value.cacheDir, vendored }, progress, signal);
  return { model: model.name, runtime, library: RUNTIME_LIBRARY };
}

const ragModelSelfTest: Command = {
  name: "rag model self-test",
  summary: "Say whether the model in use proved itself, and whether pulled ones are still what they were",
  help: "The service embeds committed sentences at its start and compares the vectors; a model that fails is not used. Exit 3 when one fails.",
  options: [CATALOGUE],
  run: ({ options, loaded, signal }) =>
    withStack(loaded, async (stack) => {
      const { model } = await readSettledHealth(await openRag(stack, signal), signal);
      const pulled = catalogueOf(loaded, options)
        .map(({ name, ...rest }) => ({ name, ...describeModel(folderOf(loaded), { name, ...rest }) }))
        .filter(({ state }) => state !== "absent");
      const ok = model.state === "verified" && pulled.every(({ state }) => state === "pulled");
      return {
        exit: ok ? EXIT.ok : EXIT.doctorRed,
        data: { ok, inUse: model, pulled },
        lines: [
          `in use    ${model.id ?? "none"} ${model.state}`,
          ...pulled.map(({ name, state, wrong }) => `${state.padEnd(9)} ${name} ${wrong.join(", ")}`.trimEnd()),
        ],
      };
    }),
};

export const RAG_MODEL: readonly Command[] = [ragModelList, ragModelPull, ragModelUse, ragModelSelfTest];
