/** Who answers on the port of search, when it is not the service that this instance started: never green, and no key is sent. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { join, resolve } from "node:path";
import { deriveServiceKey, IDENTITY_PATH } from "@muster/board/identity";
import { expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { makeRagFolder, startRag } from "../../rag/test/rag-process.ts";
import { drivenInstance } from "../support/embedded/driven-instance.ts";
import { runCli } from "../support/run-cli.ts";

const CHECKOUT = resolve(import.meta.dirname, "..", "..");

test("a replayed answer, a sibling install, a forgotten process of ours and an old release are each refused by name", async () => {
  const instance = await drivenInstance({ checkout: CHECKOUT });
  await instance.drive("up");
  const port = instance.ports[2];
  const environment = {
    ELK_OS_STATE_DIR: instance.state,
    ELK_OS_CACHE_DIR: instance.cache,
    ELK_OS_RAG_PORT: String(port),
    ELK_OS_POSTGRES_PORT: String(instance.ports[0]),
  };
  const verdictOf = async (): Promise<string> => {
    const { code, stdout } = await runCli(["rag", "status", "--json"], { environment });
    const { error } = z
      .object({ error: z.object({ facts: z.object({ verdict: z.string() }) }) })
      .parse(JSON.parse(stdout));
    return `${code} ${error.facts.verdict}`;
  };
  const sibling = await makeRagFolder();
  onTestFinished(() => sibling.remove());
  await sibling.write("memory/a.md", "# A\n\ntext\n");
  const { instanceId } = z
    .object({ instanceId: z.string() })
    .parse(JSON.parse(readFileSync(join(instance.state, "instance.json"), "utf8")));
  const key = Buffer.from(readFileSync(join(instance.state, "secrets", "instance_key"), "utf8"), "hex");
  await sibling.write("secrets/ours", deriveServiceKey(key, "rag").toString("hex"));
  const ours = { ELK_OS_INSTANCE_ID: instanceId, ELK_OS_IDENTITY_KEY_FILE: join(sibling.root, "secrets/ours") };

  /** Runs a real service on the port while `work` looks at it. */
  const withService = async <T>(changes: Record<string, string>, work: () => Promise<T>): Promise<T> => {
    const service = startRag({ ...sibling.environment(port), ...changes });
    try {
      const ready = () =>
        expect(fetch(`http://127.0.0.1:${port}/health/ready`)).resolves.toMatchObject({ status: 200 });
      await vi.waitFor(ready, { timeout: 60_000, interval: 50 });
      return await work();
    } finally {
      service.child.kill("SIGKILL");
      await service.exited;
    }
  };

  expect(await withService({}, verdictOf)).toBe("10 WRONG_INSTANCE");
  expect(await withService(ours, verdictOf)).toBe("10 ZOMBIE");
  expect(await withService({ ...ours, ELK_OS_VERSION: "0.0.9" }, verdictOf)).toBe("10 ZOMBIE");

  const recorded = await withService(ours, async () => {
    const text = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    return { health: await text("/health"), identity: await text(`${IDENTITY_PATH}?nonce=${"n".repeat(32)}`) };
  });
  const asked: IncomingMessage[] = [];
  const replay = createServer((request, response) => {
    asked.push(request);
    response.setHeader("content-type", "application/json");
    response.end(request.url?.startsWith("/health") === true ? recorded.health : recorded.identity);
  });
  replay.listen(port, "127.0.0.1");
  await once(replay, "listening");
  onTestFinished(() => void replay.close());
  expect(await verdictOf()).toBe("10 IMPOSTOR");
  expect(asked.map((request) => [request.headers.authorization, request.url?.split("?")[0]])).toEqual([
    [undefined, IDENTITY_PATH],
  ]);
});
