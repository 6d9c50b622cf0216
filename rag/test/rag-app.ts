import path from "node:path";
import type { FastifyInstance } from "fastify";
import { type AppParts, buildApp } from "../src/app.ts";
import type { Roots } from "../src/corpus/list-files.ts";
import { loadChosenModel } from "../src/embedding/chosen-model.ts";
import type { LoadedModel } from "../src/embedding/embedder.ts";
import { Vectors } from "../src/embedding/vectors.ts";
import { type Library, openLibrary } from "../src/library.ts";
import type { OutsideSource } from "../src/outside-source.ts";
import { openIndexKeeper } from "../src/persistence/index-keeper.ts";
import { detectVectorBackend } from "../src/vector-backend.ts";
import { makeRagFolder, type RagFolder } from "./rag-process.ts";

export interface RagApp {
  readonly folder: RagFolder;
  readonly library: Library;
  readonly app: FastifyInstance;
  readonly roots: Roots;
  /** What the app asks beside the library; more may be added. */
  readonly sources: OutsideSource[];
  /** null without a model. */
  readonly vectors: Vectors | null;
  bearer(): { authorization: string };
  get(url: string, headers?: Record<string, string>): Promise<{ status: number; body: unknown; text: string }>;
  post(url: string, payload: unknown): Promise<{ status: number; body: Record<string, unknown> }>;
  /** Ends the service and starts it again over the same folders. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

interface RagAppOptions extends Partial<Omit<AppParts, "library">> {
  /** What loading one gave; without it there is no dense leg at all. */
  readonly model?: LoadedModel;
  /** Collections beside memory and log, by their places in the folder. */
  readonly more?: Roots;
  /** Keep the index below `data/` of the folder. Default: in memory. */
  readonly kept?: boolean;
  /** Vectors from which a graph is followed. */
  readonly exactUpTo?: number;
  /** null: a machine without `hnswlib-node`. */
  readonly library?: null;
}

/** The whole service over a temporary folder, without a port. The caller closes it. */
export async function makeRagApp({
  model,
  kept = false,
  more = {},
  sources: given = [],
  exactUpTo = 3_000,
  library: forced,
  ...options
}: RagAppOptions = {}): Promise<RagApp> {
  const folder = await makeRagFolder();
  const places = { memoryDir: path.join(folder.root, "memory"), logDir: path.join(folder.root, "log") };
  const extra = Object.entries(more).map(([name, place]) => [name, path.join(folder.root, place)]);
  const roots: Roots = { memory: places.memoryDir, log: places.logDir, ...Object.fromEntries(extra) };
  const sources = [...given];
  const open = () => {
    const place = kept ? path.join(folder.root, "data", "vectors") : null;
    const lacking = forced === null ? { library: null } : {};
    const vectors = model === undefined ? null : new Vectors({ ...model, folder: place, exactUpTo, ...lacking });
    const onDisk = kept ? openIndexKeeper(path.join(folder.root, "data")) : null;
    const library = openLibrary(roots, onDisk, vectors);
    const app = buildApp({
      library,
      sources,
      apiKey: folder.apiKey,
      loadModel: () => loadChosenModel(path.join(folder.root, "data", "models")),
      vectorBackend: forced === null ? detectVectorBackend(null) : detectVectorBackend(),
      ...places,
      identity: {
        key: folder.identityKey,
        instance: folder.instanceId,
        service: "rag",
        version: "0.1.0",
        build: "dev",
        arch: process.arch,
        boot: "boot",
        started: "2026-01-01T00:00:00.000Z",
      },
      ...options,
    });
    const close = async (): Promise<void> => {
      await app.close();
      await vectors?.close();
      onDisk?.keeper.close();
    };
    return { vectors, library, app, close };
  };
  let running = open();
  const bearer = () => ({ authorization: `Bearer ${folder.apiKey}` });
  return {
    folder,
    roots,
    sources,
    get library() {
      return running.library;
    },
    get vectors() {
      return running.vectors;
    },
    get app() {
      return running.app;
    },
    bearer,
    get: async (url, headers = bearer()) => {
      const answer = await running.app.inject({ method: "GET", url, headers });
      return { status: answer.statusCode, body: parse(answer.body), text: answer.body };
    },
    post: async (url, payload) => {
      const headers = { ...bearer(), "content-type": "application/json" };
      const answer = await running.app.inject({ method: "POST", url, headers, payload: JSON.stringify(payload) });
      return { status: answer.statusCode, body: answer.json() };
    },
    restart: async () => {
      await running.close();
      running = open();
      await running.library.sync();
    },
    close: async () => {
      await running.close();
      await folder.remove();
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
