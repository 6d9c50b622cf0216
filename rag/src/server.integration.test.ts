import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { IDENTITY_PATH, verifyIdentity } from "@muster/board/identity";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PATIENCE, STARTS } from "../test/patience.ts";
import { makeRagFolder, type RagFolder, type RagProcess, startRag, takePort } from "../test/rag-process.ts";

let folder: RagFolder;
let running: RagProcess | null = null;

beforeEach(async () => {
  folder = await makeRagFolder();
  await folder.write("memory/ports.md", "# A port proves nothing\n\nAssert identity, not a 200.\n");
});

afterEach(async () => {
  running?.child.kill("SIGKILL");
  await running?.exited;
  running = null;
  await folder.remove();
});

async function start(more: Record<string, string> = {}): Promise<string> {
  const { port, close } = await takePort();
  await close();
  running = startRag({ ...folder.environment(port), ...more });
  const origin = `http://127.0.0.1:${port}`;
  await vi.waitFor(async () => expect((await fetch(`${origin}/health`)).status).toBe(200), STARTS);
  return origin;
}

test("the process listens, proves who it is, answers a search, and SIGTERM ends it with code 0", async () => {
  const origin = await start();
  const nonce = randomBytes(16).toString("base64url");
  const answer: unknown = await (await fetch(`${origin}${IDENTITY_PATH}?nonce=${nonce}`)).json();
  const expected = { nonce, instance: folder.instanceId, service: "rag", version: "0.1.0" } as const;
  expect(["OK", "DEGRADED"]).toContain(verifyIdentity(folder.identityKey, answer, expected).verdict);
  await vi.waitFor(async () => {
    const found = await fetch(`${origin}/search`, {
      method: "POST",
      headers: { authorization: `Bearer ${folder.apiKey}`, "content-type": "application/json" },
      body: JSON.stringify({ query: "identity" }),
    });
    expect(await found.json()).toMatchObject({ hits: [{ citation: "memory/ports.md#L1-L3" }] });
  }, PATIENCE);
  running?.child.kill("SIGTERM");
  expect(await running?.exited).toBe(0);
});

test("the running process finds a file that is written later", async () => {
  const origin = await start();
  await folder.write("log/2026-01-02.md", "# Zeppelin\n\nIt flew.\n");
  await vi.waitFor(async () => {
    const health: unknown = await (await fetch(`${origin}/health`)).json();
    expect(health).toMatchObject({ status: "ok", documents: { on_disk: 2, indexed: 2 } });
  }, PATIENCE);
});

test("what Node compiled outlives a process that was killed, and none of it stops a start when it is damaged", async () => {
  const compiled = path.join(folder.root, "compiled");
  const filesOf = (): string[] => {
    const names = existsSync(compiled) ? readdirSync(compiled, { recursive: true, encoding: "utf8" }) : [];
    return names.map((name) => path.join(compiled, name)).filter((name) => statSync(name).isFile());
  };
  await start({ NODE_COMPILE_CACHE: compiled });
  await vi.waitFor(() => expect(filesOf().length).toBeGreaterThan(100), PATIENCE);
  running?.child.kill("SIGKILL");
  await running?.exited;
  for (const file of filesOf()) {
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 4;
    writeFileSync(file, bytes);
  }
  const origin = await start({ NODE_COMPILE_CACHE: compiled });
  await vi.waitFor(async () => {
    expect(await (await fetch(`${origin}/health`)).json()).toMatchObject({ status: "ok" });
  }, PATIENCE);
});

test("a taken port is named and ends the process with a code, and no other port is tried", async () => {
  const { port, close } = await takePort();
  running = startRag(folder.environment(port));
  expect(await running.exited).toBe(78);
  expect(running.output()).toContain(`Port ${port} on 127.0.0.1 is taken by pid ${process.pid} (`);
  expect(running.output()).not.toContain("Server listening");
  await close();
});

test("a missing variable ends the process with code 2 and its name, and no secret is printed", async () => {
  const { ELK_OS_MEMORY_DIR: _left, ...environment } = folder.environment(0);
  running = startRag(environment);
  expect(await running.exited).toBe(2);
  expect(running.output()).toContain("ELK_OS_MEMORY_DIR");
  expect(running.output()).not.toContain(folder.apiKey);
  // The image is built by such a start, which has loaded everything by then.
  running = startRag({ NODE_COMPILE_CACHE: path.join(folder.root, "compiled") });
  expect(await running.exited).toBe(2);
  expect(readdirSync(path.join(folder.root, "compiled"), { recursive: true }).length).toBeGreaterThan(100);
});
