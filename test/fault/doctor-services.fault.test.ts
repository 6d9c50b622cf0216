/** Red when another program answers, when a service is gone, and when Directus runs without our extension. */
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusal } from "../support/answers.ts";
import { askSupervisor, expectGreen, expectOnlyRed, look, pidOf } from "../support/doctor.ts";
import { linkCache } from "../support/linked-cache.ts";
import { eventually } from "../support/processes.ts";
import { sharedStack } from "../support/shared-stack.ts";
import { layOutStack, raiseStack, type Stack } from "../support/stack.ts";

/** What a health check that only looks at the status would believe. */
async function startImpostor(port: number): Promise<Server> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end('{"status":"ok"}');
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
}

async function startAgain(stack: Stack): Promise<void> {
  const up = await stack.run(["up", "--only", "up", "--json"]);
  expect(up, up.stdout).toMatchObject({ exit: 0 });
  await expectGreen(stack);
}

describe("another HTTP server on the port of search, answering 200", () => {
  it("is an IMPOSTOR to doctor, which exits 10, and up refuses and names it", async () => {
    const { stack } = await sharedStack();
    await askSupervisor(stack, { op: "stop", service: "rag" });
    const impostor = await startImpostor(stack.ports.rag);
    try {
      const board = await look(stack);
      // The port checks see the same stranger from outside.
      expectOnlyRed(board, ["PORT-01", "PORT-02", "ID-03"]);
      expect(board.find("ID-03")).toMatchObject({
        verdict: "IMPOSTOR",
        evidence: expect.stringContaining(`held by pid ${process.pid}`),
      });
      expect(board.exit).toBe(10);

      const journal = join(stack.stateDir, "journal.jsonl");
      const before = readFileSync(journal);
      const up = await stack.run(["up", "--json"]);
      expect(up.exit).toBe(5);
      const { error } = refusal.parse(up.json);
      expect(error).toMatchObject({
        code: "PORT_TAKEN",
        facts: { ports: [{ service: "rag", port: stack.ports.rag, pid: process.pid, verdict: "IMPOSTOR" }] },
      });
      expect(error.message).toContain(process.execPath);
      expect(readFileSync(journal)).toEqual(before);
      expect(impostor.listening).toBe(true);
    } finally {
      await stop(impostor);
    }
    await startAgain(stack);
  });

  it("keeps a new instance from writing anything at all", async () => {
    const stack = await layOutStack();
    const impostor = await startImpostor(stack.ports.rag);
    try {
      const up = await stack.run(["up", "--json"]);
      expect(up).toMatchObject({ exit: 5, json: { ok: false, error: { code: "PORT_TAKEN" } } });
      expect(existsSync(stack.stateDir)).toBe(false);
    } finally {
      await stop(impostor);
      await stack.dispose();
    }
  });
});

describe("Directus", () => {
  it("is red as UNREACHABLE while it hangs", async () => {
    const { stack } = await sharedStack();
    const pid = await pidOf(stack, "directus");
    process.kill(pid, "SIGSTOP");
    try {
      const board = await look(stack);
      expectOnlyRed(board, ["ID-02"]);
      expect(board.find("ID-02")).toMatchObject({ verdict: "UNREACHABLE" });
      expect(board.exit).toBe(3);
    } finally {
      process.kill(pid, "SIGCONT");
    }
    await expectGreen(stack);
  });

  it("is red as UNREACHABLE when it is stopped, and up starts it again", async () => {
    const { stack } = await sharedStack();
    await askSupervisor(stack, { op: "stop", service: "directus" });
    const board = await look(stack);
    expectOnlyRed(board, ["PORT-01", "ID-02"]);
    expect(board.find("ID-02")).toMatchObject({ verdict: "UNREACHABLE" });
    expect(board.exit).toBe(3);
    await startAgain(stack);
  });

  it("comes back by itself when it is killed", async () => {
    const { stack } = await sharedStack();
    const pid = await pidOf(stack, "directus");
    process.kill(pid, "SIGKILL");
    await expectGreen(stack);
    expect(await pidOf(stack, "directus")).not.toBe(pid);
  });
});

describe("our extension", () => {
  const folder = mkdtempSync(join(tmpdir(), "muster-cache-"));
  let stack: Stack;
  let extension: string;
  beforeAll(async () => {
    const { stack: shared } = await sharedStack();
    chmodSync(folder, 0o711);
    const { path, copies } = linkCache(shared.cacheDir, join(folder, "cache"), ["directus-extension"]);
    ({ stack } = await raiseStack({ cacheDir: path }));
    const used = copies.find((copy) => usesExtension(stack, copy));
    if (used === undefined) throw new Error("The stack uses no extension of this cache.");
    extension = join(used, "muster");
  });
  afterAll(async () => {
    await stack?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  function usesExtension({ stateDir }: Stack, copy: string): boolean {
    return readFileSync(join(stateDir, "run", "directus.json"), "utf8").includes(copy);
  }

  /** The supervisor starts it again exactly as it was, so it finds what now lies there. */
  async function restartDirectus(): Promise<void> {
    const before = await pidOf(stack, "directus");
    process.kill(before, "SIGKILL");
    await eventually(
      "Directus answers again",
      async () => {
        const pid = await pidOf(stack, "directus").catch(() => before);
        if (pid === before) return false;
        const ping = await fetch(`${stack.urls.directus}/server/ping`).catch(() => null);
        return ping?.status === 200;
      },
      60_000,
    );
  }

  it("is missed when it is missing: by ID-02 as our own process that cannot prove itself, and by DIR-07", async () => {
    // Beside the folder: Directus takes whatever lies in it for an extension.
    renameSync(extension, join(folder, "away"));
    try {
      await restartDirectus();
      const board = await look(stack);
      expectOnlyRed(board, ["ID-02", "DIR-07"]);
      expect(board.find("ID-02")).toMatchObject({
        verdict: "UNREACHABLE",
        evidence: expect.stringMatching(/signed nothing; held by our own pid \d+, .*: the extension is not loaded$/),
      });
      expect(board.find("DIR-07")).toMatchObject({ status: "fail", evidence: expect.stringMatching(/^404 /) });
      expect(board.exit).toBe(3);
    } finally {
      renameSync(join(folder, "away"), extension);
    }
    await restartDirectus();
    await expectGreen(stack);
  });

  it("is red by DIR-07 when it has lost its voice: the law's refusal arrives as 500", async () => {
    const file = join(extension, "api.js");
    const whole = readFileSync(file, "utf8");
    writeFileSync(file, whole.replace(/export \{ endpoints, hooks, operations \};?\s*$/, "") + MUTE);
    try {
      await restartDirectus();
      const board = await look(stack);
      expectOnlyRed(board, ["DIR-07"]);
      expect(board.find("DIR-07").evidence).toMatch(/^500 /);
      expect(board.exit).toBe(3);
    } finally {
      writeFileSync(file, whole);
    }
    await restartDirectus();
    await expectGreen(stack);
  });
});

/** The bundle without its hook on database errors. */
const MUTE = `
const audible = hooks.filter((hook) => hook.name !== "muster-voice");
export { endpoints, audible as hooks, operations };
`;
