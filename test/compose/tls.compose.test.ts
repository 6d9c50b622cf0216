/** The proxy with a certificate in every mode, on the Caddy of the image, before servers that are no containers; it needs no Docker engine. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { certificateValid } from "../../cli/src/checks/tls/certificate.ts";
import { chainVerified } from "../../cli/src/checks/tls/chain.ts";
import { hstsAsWanted } from "../../cli/src/checks/tls/hsts.ts";
import { plainRedirects } from "../../cli/src/checks/tls/redirect.ts";
import type { ConfigKey } from "../../cli/src/config/schema.ts";
import { awaitCertificates } from "../../cli/src/drivers/compose/await-certificates.ts";
import type { Stack } from "../../cli/src/stack/stack.ts";
import { peekCertificate } from "../../cli/src/tls/peek-certificate.ts";
import { type AcmeAuthority, startAuthority } from "../support/acme-authority.ts";
import { askByName, openByName } from "../support/ask-by-name.ts";
import { type DoorOptions, startBox, startDoor, validateDoor } from "../support/caddy-door.ts";
import { servedSerial, storedSerial } from "../support/certificate-serials.ts";
import { type EventUpstream, startEventUpstream } from "../support/event-upstream.ts";
import { fixtureStack } from "../support/fixture-stack.ts";
import { freePorts } from "../support/ports.ts";
import { eventually } from "../support/processes.ts";
import type { Server } from "../support/start-server.ts";
import { titleOrWhy } from "../support/title-or-why.ts";
import { findTlsTools, type TlsTools } from "../support/tls-tools.ts";

const tools: TlsTools = findTlsTools();
process.stderr.write(
  tools.kind === "none"
    ? `tls: skipped, Caddy and Pebble cannot be had here: ${tools.why}\n`
    : `tls: Caddy ${tools.caddyVersion}\n`,
);

const PORTAL = "board.muster.test";
const STUDIO = "studio.board.muster.test";
const NAMES = [PORTAL, STUDIO] as const;
/** So short that the proxy renews it whenever it looks, every half minute. */
const LIFE_S = 60;
const CERTIFICATE_MS = 60_000;
const CHECKS = [certificateValid, plainRedirects, hstsAsWanted, chainVerified];

const root = mkdtempSync(join(tmpdir(), "muster-tls-"));
const { signal } = new AbortController();

let portal: EventUpstream;
let studio: EventUpstream;
let authority: AcmeAuthority;
let httpPort: number;
let httpsPort: number;
let rootFile: string;
let settings: Partial<Record<ConfigKey, string>>;

/** The stack of a mode: its settings went through the same rules as anybody's. */
function stackOf(mode: string, more: Partial<Record<ConfigKey, string>> = {}): Stack {
  const checkout = join(root, mode);
  mkdirSync(checkout, { recursive: true });
  return fixtureStack(checkout, { ...settings, tls: mode, ...more });
}

const byAcme = (): Partial<Record<ConfigKey, string>> => ({ acmeCa: authority.directory, acmeCaRoot: rootFile });

function doorOptions({ config, paths }: Stack): DoorOptions {
  if (tools.kind === "none") throw new Error(tools.why);
  return {
    caddy: tools.caddy,
    config,
    folder: join(root, config.tls, "door"),
    data: join(paths.root, "caddy"),
    upstreams: { portal: portal.port, directus: studio.port },
  };
}

/** "TLS-01 pass" of each check, in their order; a failure with its evidence. */
async function look(stack: Stack): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { id, probe } of CHECKS) {
    const finding = await probe(stack, signal);
    found.push(`${id} ${finding.status}${finding.status === "fail" ? `: ${finding.evidence}` : ""}`);
  }
  return found;
}

const serialOf = (name: string) => servedSerial(name, httpsPort);

/** The first event must be here while the server still holds the second back. */
async function readStream(upstream: EventUpstream, name: string, roots: string): Promise<string> {
  const headers = { accept: "text/event-stream", "accept-encoding": "gzip, zstd" };
  const response = await openByName({ name, port: httpsPort, path: "/events", headers, roots });
  expect(response.headers).not.toHaveProperty("content-encoding");
  response.setEncoding("utf8");
  let text = "";
  for await (const chunk of response) {
    text += String(chunk);
    if (text === "data: first\n\n") upstream.finishStreams();
  }
  return text;
}

describe.skipIf(tools.kind === "none")(titleOrWhy("the proxy", tools), () => {
  beforeAll(async () => {
    if (tools.kind === "none") return;
    const [http = 0, https = 0, directusPort = 0, ragPort = 0, portalPort = 0] = await freePorts(5);
    [httpPort, httpsPort] = [http, https];
    portal = await startEventUpstream("portal");
    studio = await startEventUpstream("studio");
    authority = await startAuthority({ folder: join(root, "ca"), ...tools, httpPort, lifeSeconds: LIFE_S });
    rootFile = join(root, "roots.pem");
    writeFileSync(rootFile, authority.roots);
    settings = {
      driver: "compose",
      domain: PORTAL,
      portalPublic: "true",
      ...Object.fromEntries(
        Object.entries({ httpPort, httpsPort, directusPort, ragPort, portalPort }).map(([key, port]) => [
          key,
          `${port}`,
        ]),
      ),
    };
  });
  afterAll(async () => {
    if (tools.kind === "none") return;
    await Promise.all([portal, studio, authority].map((server) => server?.stop()));
    rmSync(root, { recursive: true, force: true });
  });

  it.each(["off", "internal", "staging", "acme", "behind-proxy"])(
    "is a file that Caddy takes with %s",
    async (mode) => {
      await validateDoor(doorOptions(stackOf(mode, { domain: "board.example.org" })));
    },
  );

  it("of a machine of its own gets a certificate and passes on an event before the next one is written", async () => {
    if (tools.kind === "none") return;
    const issuer = [`cert_issuer acme ${authority.directory} {`, `trusted_roots ${rootFile}`, "}"];
    const options = [
      "admin off",
      "default_bind 127.0.0.1",
      `http_port ${httpPort}`,
      `https_port ${httpsPort}`,
      ...issuer,
    ];
    const name = "box.muster.test";
    const box = startBox({ caddy: tools.caddy, folder: join(root, "box"), name, portalPort: portal.port, options });
    try {
      const peek = () => peekCertificate({ host: "127.0.0.1", httpsPort }, { name, signal }).catch(() => null);
      await eventually("it has a certificate", peek, CERTIFICATE_MS).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${box.log()}`);
      });
      const { status, headers, body } = await askByName({ name, port: httpsPort, roots: authority.roots });
      expect([status, headers["strict-transport-security"]]).toEqual([200, "max-age=31536000"]);
      expect(JSON.parse(body)).toMatchObject({ name: "portal", host: `127.0.0.1:${portal.port}` });
      expect(await readStream(portal, name, authority.roots)).toBe("data: first\n\ndata: second\n\n");
    } finally {
      await box.stop();
    }
  });

  describe("with a certificate by ACME", () => {
    let stack: Stack;
    let door: Server;
    const start = () => startDoor(doorOptions(stack));

    beforeAll(async () => {
      stack = stackOf("acme", byAcme());
      door = await start();
      await awaitCertificates(stack.config, () => undefined, signal);
    });
    afterAll(() => door.stop());

    it("gets one for each name, proven by HTTP on the Caddyfile's own port", async () => {
      expect(await look(stack), door.log()).toEqual(CHECKS.map(({ id }) => `${id} pass`));
      for (const name of NAMES)
        expect(authority.log()).toContain(`http://${name}:${httpPort}/.well-known/acme-challenge/`);
    });

    it("serves portal and Studio by name, and tells both the name and that the client came with TLS", async () => {
      for (const [name, upstream] of [
        [PORTAL, "portal"],
        [STUDIO, "studio"],
      ] as const) {
        const { status, headers, body } = await askByName({ name, port: httpsPort, roots: authority.roots });
        expect(status).toBe(200);
        expect(JSON.parse(body)).toMatchObject({ name: upstream, host: name, scheme: "https" });
        expect(headers["strict-transport-security"]).toBe("max-age=31536000");
      }
    });

    it("sends who comes without TLS to the same address with it", async () => {
      const { status, headers } = await askByName({ name: STUDIO, port: httpPort, path: "/admin?a=1" });
      expect([status, headers.location]).toEqual([308, `https://${STUDIO}:${httpsPort}/admin?a=1`]);
    });

    it("shows no other name a page or a certificate", async () => {
      expect((await askByName({ name: "other.muster.test", port: httpPort })).status).toBe(421);
      expect(await peekCertificate({ host: "127.0.0.1", httpsPort }, { name: "other.muster.test", signal })).toBeNull();
    });

    it("passes on an event before the next one is written", async () => {
      for (const [name, upstream] of [
        [PORTAL, portal],
        [STUDIO, studio],
      ] as const)
        expect(await readStream(upstream, name, authority.roots)).toBe("data: first\n\ndata: second\n\n");
    });

    it("is red where the settings say another mode", async () => {
      const internal = stackOf("internal");
      mkdirSync(join(internal.paths.root, "caddy"), { recursive: true });
      expect((await look(internal)).map((line) => line.slice(0, 11))).toEqual([
        "TLS-01 fail",
        "TLS-02 pass",
        "TLS-03 fail",
        "TLS-04 fail",
      ]);
    });

    it("renews it while it runs, and is served with it after a start without the authority", async () => {
      const before = await Promise.all(NAMES.map(serialOf));
      const areRenewed = async () => {
        const now = await Promise.all(NAMES.map(serialOf));
        return now.every((serial, index) => serial !== before[index]);
      };
      await eventually("each name has another certificate", areRenewed, 2 * LIFE_S * 1000);
      expect(await certificateValid.probe(stack, signal)).toMatchObject({ status: "pass" });
      await authority.stop();
      await door.stop();
      const kept = NAMES.map((name) => storedSerial(join(stack.paths.root, "caddy"), name));
      expect(kept).not.toContain(before[0]);
      door = await start();
      await awaitCertificates(stack.config, () => undefined, signal);
      expect(await Promise.all(NAMES.map(serialOf))).toEqual(kept);
    });
  });

  describe("with its own authority", () => {
    let stack: Stack;
    let door: Server;
    beforeAll(async () => {
      stack = stackOf("internal");
      door = await startDoor(doorOptions(stack));
      await awaitCertificates(stack.config, () => undefined, signal);
    });
    afterAll(() => door.stop());

    it("is green by its own root, and nobody else believes it or is told to come back with TLS", async () => {
      expect(await look(stack), door.log()).toEqual(CHECKS.map(({ id }) => `${id} pass`));
      await expect(askByName({ name: PORTAL, port: httpsPort, roots: authority.roots })).rejects.toThrow(/certificate/);
    });

    it("redirects, too", async () => {
      const { status, headers } = await askByName({ name: PORTAL, port: httpPort });
      expect([status, headers.location]).toEqual([308, `https://${PORTAL}:${httpsPort}/`]);
    });
  });

  describe("behind another proxy", () => {
    let stack: Stack;
    let door: Server;
    beforeAll(async () => {
      stack = stackOf("behind-proxy", { trustedProxies: "127.0.0.0/8" });
      door = await startDoor(doorOptions(stack));
    });
    afterAll(() => door.stop());

    it("has no certificate to look at, and the rest is green", async () => {
      expect(await look(stack), door.log()).toEqual(["TLS-01 skip", "TLS-02 pass", "TLS-03 pass", "TLS-04 skip"]);
    });

    it("believes a trusted proxy who the client is and how he came", async () => {
      const headers = { "x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.9" };
      const { status, body } = await askByName({ name: PORTAL, port: httpPort, headers });
      expect(status).toBe(200);
      expect(JSON.parse(body)).toMatchObject({
        name: "portal",
        host: PORTAL,
        scheme: "https",
        client: "192.0.2.9, 127.0.0.1",
      });
    });
  });

  describe("with TLS off", () => {
    it("serves loopback's ports, nothing by name, and every check is skipped with the reason", async () => {
      const stack = stackOf("off");
      const door = await startDoor(doorOptions(stack));
      try {
        const { body } = await askByName({ name: "127.0.0.1", port: stack.config.portalPort });
        expect(JSON.parse(body)).toMatchObject({ name: "portal" });
        await expect(askByName({ name: PORTAL, port: httpPort })).rejects.toThrow("ECONNREFUSED");
        for (const { probe } of CHECKS)
          expect(await probe(stack, signal)).toMatchObject({
            status: "skip",
            because: expect.stringContaining("TLS is off"),
          });
      } finally {
        await door.stop();
      }
    });
  });
});
