import { randomUUID } from "node:crypto";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { answerIdentity, deriveServiceKey, type IdentityConfig } from "@muster/board/identity";
import { describe, expect, it } from "vitest";
import { probeIdentity } from "./probe-identity.ts";

const instanceKey = Buffer.alloc(32, 7);
const instance = randomUUID();
const config: IdentityConfig = {
  key: deriveServiceKey(instanceKey, "rag"),
  instance,
  service: "rag",
  version: "0.1.0",
  build: "dev",
  arch: "x64",
  boot: "boot",
  started: "2026-01-01T00:00:00.000Z",
};

function answers(change: Partial<IdentityConfig> = {}): RequestListener {
  return (request, response) => {
    const nonce = new URL(request.url ?? "", "http://x").searchParams.get("nonce");
    const reply = answerIdentity({ ...config, ...change }, nonce, { state: "OK", reasons: [] });
    response.writeHead(reply.status, { "content-type": "application/json" }).end(JSON.stringify(reply.body));
  };
}

async function ask(listener: RequestListener | null) {
  const server = createServer(listener ?? (() => {}));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise((resolve) => server.close(resolve));
  if (listener === null) await close();
  const signal = new AbortController().signal;
  try {
    return await probeIdentity({ port, service: "rag", instanceKey, instance, version: "0.1.0", build: "dev", signal });
  } finally {
    server.closeAllConnections();
    if (listener !== null) await close();
  }
}

describe("the identity probe", () => {
  it("believes the service that signs our nonce", async () => {
    expect(await ask(answers())).toMatchObject({ verdict: "OK", evidence: "nonce signed" });
  });

  it("calls a cheerful stranger an impostor and quotes it", async () => {
    const found = await ask((_request, response) => response.end('{"status":"ok"}'));
    expect(found).toMatchObject({ verdict: "IMPOSTOR", unsigned: 200, answer: null });
    expect(found.evidence).toContain('answered 200 {"status":"ok"}, signed nothing');
  });

  it("calls a recorded answer an impostor", async () => {
    const recorded = answerIdentity(config, Buffer.alloc(24, 1).toString("base64url"), { state: "OK", reasons: [] });
    expect(await ask((_request, response) => response.end(JSON.stringify(recorded.body)))).toMatchObject({
      verdict: "IMPOSTOR",
      unsigned: null,
      answer: null,
    });
  });

  it("calls another service's key an impostor", async () => {
    expect(await ask(answers({ key: deriveServiceKey(instanceKey, "portal") }))).toMatchObject({ verdict: "IMPOSTOR" });
  });

  it("tells another Muster apart", async () => {
    expect(await ask(answers({ instance: randomUUID() }))).toMatchObject({ verdict: "WRONG_INSTANCE", answer: null });
  });

  it("tells an old release apart, and still knows that it is ours", async () => {
    const found = await ask(answers({ version: "0.0.9" }));
    expect(found).toMatchObject({ verdict: "STALE_VERSION" });
    expect(found.answer).not.toBeNull();
  });

  it("says unreachable when nobody listens", async () => {
    expect(await ask(null)).toMatchObject({ verdict: "UNREACHABLE", evidence: "no answer: ECONNREFUSED" });
  });

  it("does not follow a redirect to where the real service may be", async () => {
    expect(
      await ask((_request, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end()),
    ).toMatchObject({ verdict: "IMPOSTOR" });
  });

  it("stops reading a stranger that never ends", async () => {
    const found = await ask((_request, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write("x".repeat(65_536)), 1);
      response.on("close", () => clearInterval(timer));
    });
    expect(found.verdict).toBe("IMPOSTOR");
  });
});
