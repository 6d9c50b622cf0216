import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

export interface RagFolder {
  readonly root: string;
  readonly instanceId: string;
  readonly identityKey: Buffer;
  readonly apiKey: string;
  /** Writes a file below the root and makes the folders it needs. */
  write(relativePath: string, content: string | Buffer): Promise<void>;
  environment(port: number): Record<string, string>;
  remove(): Promise<void>;
}

/** A temporary folder with `memory/`, `log/` and keys: all that the service needs. The caller removes it. */
export async function makeRagFolder(): Promise<RagFolder> {
  const root = await mkdtemp(path.join(tmpdir(), "muster-rag-"));
  const identityKey = randomBytes(32);
  const apiKey = randomBytes(32).toString("hex");
  const instanceId = randomUUID();
  const write = async (relativePath: string, content: string | Buffer): Promise<void> => {
    const file = path.join(root, relativePath);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content, { mode: 0o600 });
  };
  await mkdir(path.join(root, "memory"));
  await mkdir(path.join(root, "log"));
  await write("secrets/identity", identityKey.toString("hex"));
  await write("secrets/api", apiKey);
  return {
    root,
    instanceId,
    identityKey,
    apiKey,
    write,
    environment: (port) => ({
      ELK_OS_INSTANCE_ID: instanceId,
      ELK_OS_IDENTITY_KEY_FILE: path.join(root, "secrets/identity"),
      ELK_OS_RAG_KEY_FILE: path.join(root, "secrets/api"),
      ELK_OS_MEMORY_DIR: path.join(root, "memory"),
      ELK_OS_LOG_DIR: path.join(root, "log"),
      ELK_OS_VERSION: "0.1.0",
      ELK_OS_PORT: String(port),
    }),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

export interface RagProcess {
  readonly child: ChildProcess;
  /** Exit code; null when a signal ended it. */
  readonly exited: Promise<number | null>;
  output(): string;
}

export interface RagProgram {
  /** Default: the Node that runs the tests. */
  readonly runtime?: string;
  /** Default: `rag/src/server.ts` of this checkout. */
  readonly entry?: string;
}

/** Starts `node rag/src/server.ts` with nothing else in its environment. `flags`: Node's own, as a driver gives them. */
export function startRag(
  environment: Record<string, string>,
  flags: readonly string[] = [],
  { runtime = process.execPath, entry = path.join(import.meta.dirname, "../src/server.ts") }: RagProgram = {},
): RagProcess {
  const child = spawn(runtime, [...flags, entry], { env: environment, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  return { child, exited, output: () => text };
}

/** Listens on a port of the kernel's choice: the port is taken until `close`. */
export async function takePort(): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return { port: address.port, close: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}
