/** The health checks of the Node services and of the door as compose.yaml has them, run by Node against whoever may listen on the port. */
import { readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTcpServer, type Socket } from "node:net";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { freePorts } from "../../../../test/support/ports.ts";
import { openDoor } from "../../database/door.ts";

const CHECKOUT = resolve(import.meta.dirname, "..", "..", "..", "..");
const command = z.tuple([z.literal("CMD"), z.literal("node"), z.literal("-e"), z.string()]);
const checks = z
  .object({ "x-identity": command, "x-entry": command })
  .parse(parse(readFileSync(join(CHECKOUT, "compose.yaml"), "utf8")));
// As Compose hands it on.
const scriptOf = (name: keyof typeof checks) => checks[name][3].replaceAll("$$", "$");

async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Exit code of the health check of a service that is told its port by that variable. */
async function ask(port: number, variable = "ELK_OS_PORT", name: keyof typeof checks = "x-identity") {
  const options = { reject: false, extendEnv: false, env: { [variable]: String(port) } };
  return (await execa(process.execPath, ["-e", scriptOf(name)], options)).exitCode;
}

const nonceOf = (url: string | undefined) => new URL(url ?? "", "http://127.0.0.1").searchParams.get("nonce");
const genuine: RequestListener = ({ url }, response) => {
  const isIdentity = url?.startsWith("/.well-known/muster/identity?") === true;
  response.writeHead(isIdentity ? 200 : 404, { "content-type": "application/json" });
  response.end(JSON.stringify({ service: "rag", nonce: nonceOf(url), mac: "signed" }));
};
const says =
  (status: number, body: string): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, { "content-type": "application/json" }).end(body);

test.each(["ELK_OS_PORT", "PORT"])(
  "a service that is told its port by %s and answers with the nonce is healthy",
  async (name) => {
    expect(await ask(await listen(genuine), name)).toBe(0);
  },
);

test("each question has a nonce of its own, long enough that nobody guesses it", async () => {
  const asked: (string | null)[] = [];
  const port = await listen((request, response) => {
    asked.push(nonceOf(request.url));
    genuine(request, response);
  });
  for (const _ of ["once", "twice"]) await ask(port);
  expect(new Set(asked).size).toBe(2);
  for (const nonce of asked) expect(nonce).toMatch(/^[\w-]{32}$/);
});

describe("not healthy is", () => {
  test.each([
    ["another program that says it is well", says(200, '{"status":"ok"}')],
    ["one that answers every question with the same nonce", says(200, `{"nonce":"${"A".repeat(32)}"}`)],
    ["one that answers with nothing", says(200, "")],
    ["one that answers with null", says(200, "null")],
    ["a page", says(200, "<!doctype html><title>It works!</title>")],
    ["a service that breaks", says(500, '{"errors":[{"message":"down"}]}')],
  ])("%s", async (_who, listener) => {
    expect(await ask(await listen(listener))).toBe(1);
  });

  test("one that only sends on to a service that is genuine", async () => {
    const port = await listen(genuine);
    const sendsOn: RequestListener = ({ url }, response) =>
      void response.writeHead(302, { location: `http://127.0.0.1:${port}${url}` }).end();
    expect(await ask(await listen(sendsOn))).toBe(1);
  });

  test("nobody", async () => {
    const [port = 0] = await freePorts(1);
    expect(await ask(port)).toBe(1);
  });
});

describe("the door", () => {
  const askDoor = (port: number) => ask(port, "ELK_OS_PORT", "x-entry");
  async function listenRaw(listener: (socket: Socket) => void): Promise<number> {
    const open = new Set<Socket>();
    const server = createTcpServer((socket) => {
      open.add(socket.on("error", () => undefined));
      listener(socket);
    });
    onTestFinished(() => {
      for (const socket of open) socket.destroy();
      server.close();
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  test("is healthy when it answers, although the server that it leads to is away", async () => {
    const [away = 0] = await freePorts(1);
    const upstream = { hosts: [{ host: "127.0.0.1", port: away }], tlsMode: "prefer", roots: null } as const;
    const listen = { hosts: ["127.0.0.1"], port: 0 } as const;
    const door = await openDoor({ listen, upstream, session: null }, () => undefined);
    onTestFinished(() => door.close());
    expect(await askDoor(door.port)).toBe(0);
  });

  test("is not when nobody is there, when somebody closes the connection, and when another program answers", async () => {
    const [nobody = 0] = await freePorts(1);
    expect(await askDoor(nobody)).toBe(1);
    expect(await askDoor(await listenRaw((socket) => socket.destroy()))).toBe(1);
    expect(await askDoor(await listenRaw((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")))).toBe(1);
  });

  test("is not when it takes the connection and says nothing", async () => {
    const port = await listenRaw(() => undefined);
    const asked = execa(process.execPath, ["-e", scriptOf("x-entry")], {
      reject: false,
      extendEnv: false,
      env: { ELK_OS_PORT: String(port) },
      // The engine waits five seconds, and ends it, too.
      timeout: 2_000,
    });
    expect(await asked).toMatchObject({ timedOut: true });
  });
});
