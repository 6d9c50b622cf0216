/**
 * Starts the search service: listen, keep the index in step with the files, close gracefully. The process ends by
 * itself once everything is closed; a port that is taken ends it with code 1, and it never tries another port.
 */
import { readFileSync } from "node:fs";
import type { IdentityConfig } from "@muster/board/identity";
import { buildApp } from "./app.ts";
import { ConfigError, loadConfig, type RagConfig } from "./config.ts";
import { openLibrary } from "./library.ts";
import { detectVectorBackend } from "./vector-backend.ts";

/** 5 s: listing a few hundred files takes milliseconds, and a memory just written is found soon after. */
const SYNC_INTERVAL_MS = 5_000;

async function main(): Promise<void> {
  const config = loadConfig();
  const library = openLibrary({ memory: config.memoryDir, log: config.logDir });
  const app = buildApp({
    library,
    identity: toIdentity(config),
    apiKey: config.apiKey,
    isLoopback: config.isLoopback,
    memoryDir: config.memoryDir,
    logDir: config.logDir,
    allowedHosts: config.allowedHosts,
    vectorBackend: detectVectorBackend(),
    logger: { level: "info" },
  });
  const sync = (): Promise<void> =>
    library.sync().then(
      (result) => {
        if (result.changed) app.log.info(result, "index built");
      },
      (error: unknown) => app.log.error({ err: error }, "index sync failed"),
    );
  const timer = setInterval(() => void sync(), SYNC_INTERVAL_MS);
  app.addHook("onClose", () => clearInterval(timer));
  const stop = (signal: NodeJS.Signals): void => {
    app.log.info({ signal }, "closing");
    void app.close();
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  try {
    await app.listen({ host: config.host, port: config.port });
  } catch (error) {
    process.exitCode = 1;
    const taken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    app.log.fatal(
      { err: error },
      taken
        ? `Port ${config.port} on ${config.host} is taken by another process. The service stops: it uses no other port.`
        : `The service cannot listen on ${config.host}:${config.port}.`,
    );
    await app.close();
    return;
  }
  await sync();
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
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`rag: the environment is not usable\n${error.message}\n`);
  process.exitCode = 2;
}
