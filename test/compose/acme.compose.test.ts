/** The whole stack in containers with a certificate by ACME: got, served, renewed, kept, and let lapse. The authority is a process of this machine. */

import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listenersOn, occupies } from "../../cli/src/host/sockets.ts";
import { peekCertificate } from "../../cli/src/tls/peek-certificate.ts";
import { type AcmeAuthority, startAuthority } from "../support/acme-authority.ts";
import { doctorAnswer, refusal } from "../support/answers.ts";
import { askByName, type NamedQuestion, openByName } from "../support/ask-by-name.ts";
import { servedSerial, storedSerial } from "../support/certificate-serials.ts";
import { findComposeProject } from "../support/compose-project.ts";
import { type Engine, openEngine } from "../support/engine.ts";
import { type LonelyBridge, makeLonelyBridge } from "../support/lonely-bridge.ts";
import { portalBoard } from "../support/portal-writes.ts";
import { freePorts } from "../support/ports.ts";
import { eventually } from "../support/processes.ts";
import { makeSelfSigned } from "../support/self-signed.ts";
import { layOutStack, type Ran, type Stack } from "../support/stack.ts";
import { titleOrWhy } from "../support/title-or-why.ts";
import { findTlsTools, type TlsTools } from "../support/tls-tools.ts";
import { findStoreTool, openTrustingBrowser } from "../support/trusting-browser.ts";

const UP_MS = 20 * 60_000;
/** So short that the proxy renews it whenever it looks, every half minute, and that the test sees one lapse. */
const LIFE_S = 60;
/** Longer than the stream is silent. */
const EVENT_MS = 30_000;
const PORTAL = "board.muster.test";
const STUDIO = `studio.${PORTAL}`;
const NAMES = [PORTAL, STUDIO] as const;
/** Those that everybody means; others where somebody has one of them. */
const PORTS = [80, 443];
const GREEN = ["TLS-01 pass", "TLS-02 pass", "TLS-03 pass", "TLS-04 pass"];
const YEAR = "max-age=31536000";

const engine: Engine = await openEngine();
const tools: TlsTools = findTlsTools();
const needed = engine.kind === "none" ? engine : tools;
if (needed.kind === "none") process.stderr.write(`acme: skipped, it cannot be tried here: ${needed.why}\n`);

const { signal } = new AbortController();

let folder: string;
let bridge: LonelyBridge;
let authority: AcmeAuthority;
let httpPort: number;
let httpsPort: number;
let stack: Stack;
let first: Ran;

function docker(...args: readonly string[]): string {
  if (engine.kind === "none") throw new Error(engine.why);
  return engine.docker(...args);
}

const isFree = (port: number, address: string) =>
  listenersOn(port, null, (other) => occupies(other, address)).length === 0;

/** A question with TLS that only a certificate of the authority answers. */
const secured = (name: string, more: Partial<NamedQuestion> = {}): NamedQuestion => ({
  ...{ name, address: bridge.address, port: httpsPort, roots: authority.root },
  ...more,
});
const plain = (name: string, path: string): NamedQuestion => ({ name, address: bridge.address, port: httpPort, path });

const originOf = (name: string) => `https://${name}${httpsPort === 443 ? "" : `:${httpsPort}`}`;

const serials = () => Promise.all(NAMES.map((name) => servedSerial(name, httpsPort, bridge.address)));

async function peek(name: string) {
  const certificate = await peekCertificate({ host: bridge.address, httpsPort }, { name, signal });
  if (certificate === null) throw new Error(`${name} has no certificate.`);
  return certificate;
}

/** "TLS-01 pass" of each check of TLS, a failure with its evidence. */
async function look(environment: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
  const ran = await stack.run(["doctor", "--json", "--only", "TLS"], { environment });
  const { checks } = doctorAnswer.parse(ran.json);
  return checks
    .filter(({ id }) => id.startsWith("TLS-"))
    .map(({ id, status, evidence }) => `${id} ${status}${status === "pass" ? "" : `: ${evidence}`}`);
}

describe.skipIf(needed.kind === "none")(titleOrWhy("compose with ACME", needed), () => {
  beforeAll(async () => {
    if (engine.kind === "none" || tools.kind === "none") return;
    folder = mkdtempSync(join(tmpdir(), "muster-acme-"));
    bridge = makeLonelyBridge(docker);
    const { address } = bridge;
    [httpPort = 0, httpsPort = 0] = PORTS.every((port) => isFree(port, address)) ? PORTS : await freePorts(2);
    process.stderr.write(`acme: Caddy ${tools.caddyVersion}, ports ${httpPort} and ${httpsPort}\n`);
    authority = await startAuthority({ folder, ...tools, httpPort, lifeSeconds: LIFE_S, address });
    const rootFile = join(folder, "roots.pem");
    writeFileSync(rootFile, authority.roots);
    const environment = {
      ...engine.environment,
      ELK_OS_DRIVER: "compose",
      ELK_OS_TLS: "acme",
      ELK_OS_DOMAIN: PORTAL,
      ELK_OS_PORTAL_PUBLIC: "true",
      ELK_OS_PUBLIC_ADDRESS: address,
      ELK_OS_HTTP_PORT: String(httpPort),
      ELK_OS_HTTPS_PORT: String(httpsPort),
      ELK_OS_ACME_CA: authority.directory,
      ELK_OS_ACME_CA_ROOT: rootFile,
    };
    stack = await layOutStack({ environment });
    first = await stack.run(["up", "--json"], { timeoutMs: UP_MS });
  });
  afterAll(async () => {
    if (engine.kind === "none") return;
    try {
      if (stack !== undefined) {
        await stack.run(["reset", "--yes"]);
        await stack.dispose();
      }
    } finally {
      await authority?.stop();
      bridge?.remove();
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
      await engine.stop();
    }
  });

  it("up goes from an empty volume to a green board, with a certificate of each name that was proven on the published port", async () => {
    expect(first, first.stdout + first.stderr).toMatchObject({
      exit: 0,
      json: { ok: true, doctor: { fail: 0, warn: 0 } },
    });
    for (const name of NAMES)
      expect(authority.log()).toContain(`http://${name}:${httpPort}/.well-known/acme-challenge/`);
    expect(await look()).toEqual(GREEN);
  });

  it("is red when the roots are those of somebody else", async () => {
    const { certificate } = makeSelfSigned(join(folder, "other"), ["DNS:other.muster.test"]);
    const [, , , chain] = await look({ ELK_OS_ACME_CA_ROOT: certificate });
    expect(chain).toMatch(/^TLS-04 fail: board\.muster\.test: .+ with .+\/other\.pem$/);
  });

  it("serves portal and Directus by name to whom the authority's root is enough, and to no other", async () => {
    const [page, ping] = [
      await askByName(secured(PORTAL, { path: "/board" })),
      await askByName(secured(STUDIO, { path: "/server/ping" })),
    ];
    expect([page.status, ping.status, ping.body]).toEqual([200, 200, "pong"]);
    expect(page.body).toContain("<html");
    for (const { headers } of [page, ping]) expect(headers["strict-transport-security"]).toBe(YEAR);
    const known = rootCertificates.join("\n");
    await expect(askByName(secured(PORTAL, { roots: known }))).rejects.toThrow(/certificate/);
  });

  it("sends who comes without TLS to the same address with it", async () => {
    for (const name of NAMES) {
      const { status, headers } = await askByName(plain(name, "/tasks?a=1"));
      expect([status, headers.location]).toEqual([308, `${originOf(name)}/tasks?a=1`]);
    }
    expect((await askByName(plain("other.muster.test", "/"))).status).toBe(421);
  });

  it("passes on the portal's stream event by event, while tasks change", async () => {
    const headers = { accept: "text/event-stream", "accept-encoding": "gzip, zstd" };
    const stream: IncomingMessage = await openByName(secured(PORTAL, { path: "/api/stream", headers }));
    let text = "";
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    try {
      expect([stream.statusCode, stream.headers["content-encoding"]]).toEqual([200, undefined]);
      await eventually("the stream greets", () => text.includes("event: hello\n"), EVENT_MS);
      const board = portalBoard(stack);
      const open = await board.publicProject();
      for (const title of ["The first to be streamed", "The second to be streamed"]) {
        await board.newTask(open, title);
        await eventually(`the stream tells of "${title}"`, () => text.includes(title), EVENT_MS);
      }
      expect(stream.complete).toBe(false);
    } finally {
      stream.destroy();
    }
  });

  it("shows the board in Chromium by name, and what changes there, to a user whose store has the root", async ({
    skip,
  }) => {
    const storeTool = findStoreTool();
    if (storeTool.kind === "none") return skip(`no certutil: ${storeTool.why}`);
    const rootFile = join(folder, "root.pem");
    writeFileSync(rootFile, authority.root);
    const options = { certutil: storeTool.certutil, home: join(folder, "home"), rootFile, address: bridge.address };
    const browser = await openTrustingBrowser(options);
    try {
      const page = await browser.newPage();
      const answer = await page.goto(`${originOf(PORTAL)}/board`);
      expect(answer?.status()).toBe(200);
      expect((await answer?.securityDetails())?.issuer).toContain("Pebble");
      await page.evaluate("globalThis.mark = 1");
      const board = portalBoard(stack);
      await board.newTask(await board.publicProject(), "Seen by a browser");
      await page.getByText("Seen by a browser").first().waitFor({ timeout: EVENT_MS });
      expect(await page.evaluate("globalThis.mark"), "the page was not loaded again").toBe(1);
    } finally {
      await browser.close();
    }
  });

  it("renews each certificate while it runs, in the same container", async () => {
    const project = findComposeProject(docker, stack);
    const startedAt = () => docker("inspect", "--format", "{{.State.StartedAt}}", project.container("caddy"));
    const [since, before] = [startedAt(), await serials()];
    const areRenewed = async () => (await serials()).every((serial, index) => serial !== before[index]);
    await eventually("each name has another certificate", areRenewed, 2 * LIFE_S * 1000);
    expect(await look()).toEqual(GREEN);
    expect(startedAt()).toBe(since);
  });

  it("is not started while somebody else has its port at its address", async () => {
    await authority.stop();
    expect(await stack.run(["down", "--json"])).toMatchObject({ exit: 0, json: { ok: true } });
    const stranger = createServer().listen(httpsPort, bridge.address);
    await once(stranger, "listening");
    try {
      const refused = await stack.run(["up", "--only", "up", "--json"]);
      expect(refused).toMatchObject({ exit: 5, json: { ok: false, error: { code: "PORT_TAKEN" } } });
      const { message } = refusal.parse(refused.json).error;
      expect(message).toContain(`Port ${httpsPort}, which proxy needs, is held by pid ${process.pid} `);
    } finally {
      stranger.close();
    }
  });

  it("serves what it kept after down and up, without asking the authority, which is away", async () => {
    const kept = NAMES.map((name) => storedSerial(join(stack.stateDir, "caddy"), name));
    const again = await stack.run(["up", "--only", "up", "--json"], { timeoutMs: UP_MS });
    expect(again, again.stdout + again.stderr).toMatchObject({ exit: 0, json: { ok: true } });
    expect(await serials()).toEqual(kept);
  });

  it("is red, and names the certificate, when the authority stayed away until it ended", async () => {
    const end = async () => (await peek(PORTAL)).to;
    await eventually("it has ended", async () => (await end()).getTime() <= Date.now(), 2 * LIFE_S * 1000);
    expect(await look()).toEqual([
      `TLS-01 fail: ${PORTAL}: the certificate ended at ${(await end()).toISOString()}`,
      "TLS-02 pass",
      "TLS-03 pass",
      expect.stringMatching(/^TLS-04 fail: board\.muster\.test: CERT_HAS_EXPIRED /),
    ]);
    await expect(askByName(secured(PORTAL))).rejects.toThrow(/expired/);
  });
});
