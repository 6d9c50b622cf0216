/**
 * Starts the search service: take the data folder, listen, keep the index in step with the files, close gracefully. The process ends by
 * itself once everything is closed; a port that it cannot have ends it with code 78, and it never tries another port. A data folder
 * that another process writes ends it with code 75.
 */
import { readFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import path from "node:path";
import type { IdentityConfig } from "@muster/board/identity";
import { buildApp } from "./app.ts";
import type { DatabaseConfig } from "./board/board-reader.ts";
import type { BoardSource } from "./board/board-source.ts";
import { ConfigError, loadConfig, type RagConfig } from "./config.ts";
import { loadChosenModel } from "./embedding/chosen-model.ts";
import type { LoadedModel } from "./embedding/embedder.ts";
import { Vectors } from "./embedding/vectors.ts";
import { describePortHolder } from "./http/port-holder.ts";
import { type InStep, keepInStep } from "./keep-in-step.ts";
import { type Kept, type Library, openLibrary } from "./library.ts";
import { openIndexKeeper } from "./persistence/index-keeper.ts";
import { DataFolderHeld, takeWriterLock } from "./persistence/writer-lock.ts";
import { detectVectorBackend } from "./vector-backend.ts";
import { openWaitingWrites } from "./waiting/waiting-writes.ts";

/** A name for each code that this process ends with. */
const EXIT = { environment: 2, dataFolderHeld: 75, cannotListen: 78 } as const;

async function main(): Promise<void> {
  const config = loadConfig();
  const { kept, release } = openData(config);
  const loadModel = (): Promise<LoadedModel> => loadChosenModel(config.modelsDir);
  const vectors = new Vectors({
    ...(await loadModel()),
    folder: config.dataDir === null ? null : path.join(config.dataDir, "vectors"),
  });
  const library = openLibrary(config.roots, kept, vectors);
  const board = config.database === null ? null : await openBoard(library, config.database);
  const app = buildApp({
    library,
    sources: board === null ? [] : [board],
    identity: toIdentity(config),
    apiKey: config.apiKey,
    isLoopback: config.isLoopback,
    memoryDir: config.memoryDir,
    logDir: config.logDir,
    waiting: config.waitingDir === null ? null : openWaitingWrites(config.waitingDir),
    allowedHosts: config.allowedHosts,
    loadModel,
    vectorBackend: detectVectorBackend(),
    logger: { level: "info" },
  });
  for (const note of kept?.keeper.recoveries ?? []) app.log.warn({ note }, "part of the kept index was left behind");
  app.addHook("onClose", async () => {
    await vectors.close();
    kept?.keeper.close();
    release();
  });
  const stop = (signal: NodeJS.Signals): void => {
    app.log.info({ signal }, "closing");
    void app.close();
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  let step: InStep | null = null;
  app.addHook("preClose", async () => {
    step?.stop();
    await board?.stop();
  });
  try {
    await app.listen({ host: config.host, port: config.port });
  } catch (error) {
    process.exitCode = EXIT.cannotListen;
    const taken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    app.log.fatal(
      { err: error },
      taken
        ? `Port ${config.port} on ${config.host} is taken by ${describePortHolder(config.port) ?? "a process that this user may not see"}. The service stops: it uses no other port and ends nobody. Stop the holder, or set another port.`
        : `The service cannot listen on ${config.host}:${config.port}.`,
    );
    await app.close();
    return;
  }
  step = keepInStep(library, Object.values(config.roots), app.log);
  // The board's rows are no answer to whether the files have been read.
  await step.firstLook;
  board?.start(app.log);
  // Node writes what it compiled when it ends; a process that is killed leaves it to the next one, too.
  flushCompileCache();
}

/** Not started. Its client of Postgres is loaded only where there is a board. */
async function openBoard(library: Library, database: DatabaseConfig): Promise<BoardSource> {
  const [{ openBoardReader }, { boardSource }] = await Promise.all([
    import("./board/board-reader.ts"),
    import("./board/board-source.ts"),
  ]);
  return boardSource(library, openBoardReader(database));
}

function openData({ dataDir }: RagConfig): { readonly kept: Kept | null; readonly release: () => void } {
  if (dataDir === null) return { kept: null, release: () => undefined };
  const release = takeWriterLock(dataDir, readBootId());
  return { kept: openIndexKeeper(dataDir), release };
}

function toIdentity(config: RagConfig): IdentityConfig {
  return {
    key: config.identityKey,
    instance: config.instanceId,
    service: "rag",
    version: config.version,
    build: config.build,
    arch: process.arch,
    boot: readBootId(),
    started: new Date(Date.now() - process.uptime() * 1_000).toISOString(),
  };
}

function readBootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    // A system without /proc has no boot id; the identity says so by an empty field.
    return "";
  }
}

try {
  await main();
} catch (error) {
  if (error instanceof ConfigError) {
    process.stderr.write(`rag: the environment is not usable\n${error.message}\n`);
    process.exitCode = EXIT.environment;
  } else if (error instanceof DataFolderHeld) {
    process.stderr.write(`rag: ${error.message} One data folder has one writer; stop the other first.\n`);
    process.exitCode = EXIT.dataFolderHeld;
  } else throw error;
}
