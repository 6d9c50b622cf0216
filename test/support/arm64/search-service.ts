/** The search service as the embedded driver starts it, from a folder of its own, over a checkout's memory, with a board that does not answer. */
import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { deriveServiceKey } from "@muster/board/identity";
import { z } from "zod";
import { type IdentityProbe, probeIdentity } from "../../../cli/src/identity/probe-identity.ts";
import type { RagAnswer } from "../../../cli/src/rag-client/rag-client.ts";
import { type RagHealth, readHealth } from "../../../cli/src/rag-client/rag-health.ts";
import { RAG_NODE_FLAGS } from "../../../cli/src/services/rag.ts";
import { makeRagFolder, startRag } from "../../../rag/test/rag-process.ts";
import { freePorts } from "../ports.ts";
import { eventually } from "../processes.ts";

const CHECKOUT = resolve(import.meta.dirname, "../../..");
/** Emulated, on a machine that does other work, too: 20 s were seen. */
const STARTS_MS = 120_000;
/** They are written when nothing was made for two seconds. */
const KEPT_MS = 60_000;

const answered = z.record(z.string(), z.unknown());
const found = z.object({
  mode: z.string(),
  hits: z.array(z.object({ citation: z.string(), score: z.number(), text: z.string() })),
});
const manifestOf = z.object({ rows: z.number() });
export type Found = z.infer<typeof found>;

export interface SearchService {
  /** Its memory lies in `memory`. */
  readonly folder: string;
  identity(): Promise<IdentityProbe>;
  health(): Promise<RagHealth>;
  /** By words and by likeness together, unless `mode` says otherwise. */
  search(query: string, mode?: "auto" | "lexical" | "dense"): Promise<Found>;
  /** The file of vectors on disk, once it holds all of them. */
  keptVectors(): Promise<Buffer>;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>;
  /** Ends it by force and removes its folder. */
  dispose(): Promise<void>;
}

/** Answers once every passage has its vector. `stage`: as `elk-os up` stages it. `runtime`: the Node that runs it. */
export async function startSearch(stage: string, runtime: string): Promise<SearchService> {
  const folder = await makeRagFolder();
  const instanceKey = Buffer.alloc(32, 7);
  await folder.write("secrets/identity", deriveServiceKey(instanceKey, "rag").toString("hex"));
  await folder.write("secrets/database", "no board answers with this password");
  mkdirSync(join(folder.root, "data"));
  cpSync(join(CHECKOUT, "memory"), join(folder.root, "memory"), { recursive: true, preserveTimestamps: true });
  const [port = 0, nobody = 0] = await freePorts(2);
  const environment = {
    ...folder.environment(port),
    NODE_ENV: "production",
    ELK_OS_DATA_DIR: join(folder.root, "data"),
    ELK_OS_DATABASE_PORT: String(nobody),
    ELK_OS_DATABASE_PASSWORD_FILE: join(folder.root, "secrets/database"),
  };
  const entry = join(stage, "rag/src/server.ts");
  const service = startRag(environment, RAG_NODE_FLAGS, { runtime, entry });
  const call = async (method: "GET" | "POST", path: string, body?: object): Promise<RagAnswer> => {
    const headers = { authorization: `Bearer ${folder.apiKey}`, "content-type": "application/json" };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers, ...sent });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return answered.parse(await response.json());
  };
  const health = () => readHealth({ call });
  const dispose = async (): Promise<void> => {
    service.child.kill("SIGKILL");
    await service.exited;
    await folder.remove();
  };
  const isSettled = async (): Promise<boolean> => {
    // While it starts nobody answers.
    const answer = await health().catch(() => null);
    if (service.child.exitCode !== null) throw new Error("search ended");
    if (answer === null) return false;
    const { documents, vectors } = answer;
    return (
      documents.on_disk > 0 && documents.indexed === documents.on_disk && vectors.held > 0 && vectors.pending === 0
    );
  };
  try {
    await eventually("search has read its memory", isSettled, STARTS_MS);
  } catch (error) {
    await dispose();
    throw new Error(`${String(error)}\n${service.output()}`);
  }
  return {
    folder: folder.root,
    identity: () =>
      probeIdentity({
        port,
        service: "rag",
        instanceKey,
        instance: folder.instanceId,
        version: "0.1.0",
        build: "dev",
        signal: AbortSignal.timeout(STARTS_MS),
      }),
    health,
    search: async (query, mode = "auto") => found.parse(await call("POST", "/search", { query, mode })),
    async keptVectors() {
      const kept = join(folder.root, "data/vectors");
      const areAll = async (): Promise<boolean> => {
        const { vectors } = await health();
        const manifest = join(kept, "MANIFEST.json");
        return (
          existsSync(manifest) && manifestOf.parse(JSON.parse(readFileSync(manifest, "utf8"))).rows === vectors.held
        );
      };
      await eventually("all vectors are kept", areAll, KEPT_MS);
      return readFileSync(join(kept, "vectors.bin"));
    },
    async stop() {
      service.child.kill("SIGTERM");
      return service.exited;
    },
    dispose,
  };
}
