import { afterEach, expect, test } from "vitest";
import { makeRagApp, type RagApp } from "../../test/rag-app.ts";

let rag: RagApp;
afterEach(() => rag.close());

test("a caller that hangs up gives its slot back", async () => {
  rag = await makeRagApp({ concurrency: 1 });
  const { promise: isUnderWay, resolve: begin } = Promise.withResolvers<void>();
  const { promise: isLeft, resolve: leave } = Promise.withResolvers<void>();
  const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
  rag.app.get("/slow", async (_request, reply) => {
    reply.raw.once("close", leave);
    begin();
    await isOver;
    return {};
  });
  await rag.library.sync();
  const url = await rag.app.listen({ host: "127.0.0.1", port: 0 });
  const search = () =>
    fetch(`${url}/search`, {
      method: "POST",
      headers: { ...rag.bearer(), "content-type": "application/json" },
      body: JSON.stringify({ query: "identity" }),
    }).then(({ status }) => status);

  const caller = new AbortController();
  const call = fetch(`${url}/slow`, { signal: caller.signal });
  await isUnderWay;
  expect(await search()).toBe(429);
  caller.abort();
  await expect(call).rejects.toThrow();
  await isLeft;
  expect([await search(), await search()]).toEqual([200, 200]);
  end();
});
