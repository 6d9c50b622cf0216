/** The four checks before a real door of TLS: right in all, then wrong in one thing after the other. What Caddy does: test/compose. */
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { fixtureStack } from "../../../../test/support/fixture-stack.ts";
import { makeSelfSigned } from "../../../../test/support/self-signed.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import type { ConfigKey } from "../../config/schema.ts";
import { certificateValid } from "./certificate.ts";
import { chainVerified } from "./chain.ts";
import { hstsAsWanted } from "./hsts.ts";
import { plainRedirects } from "./redirect.ts";

const CHECKS = [certificateValid, plainRedirects, hstsAsWanted, chainVerified];
const NAMES = ["board.muster.test", "studio.board.muster.test"] as const;
const { signal } = new AbortController();

interface Change {
  /** Names in the certificate. */
  readonly names?: readonly string[];
  readonly hsts?: string;
  /** Status of the redirect. */
  readonly status?: number;
  /** The settings name roots of somebody else. */
  readonly isOtherRoot?: true;
  readonly settings?: Partial<Record<ConfigKey, string>>;
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** "TLS-01 pass" of each check, a failure with its evidence. */
async function look(change: Change = {}): Promise<readonly string[]> {
  const folder = temporaryFolder();
  const files = makeSelfSigned(
    join(folder, "door"),
    (change.names ?? NAMES).map((name) => `DNS:${name}`),
  );
  const other = makeSelfSigned(join(folder, "other"), ["DNS:other.muster.test"]);
  const answer: RequestListener = (_request, response) => {
    if (change.hsts !== "") response.setHeader("strict-transport-security", change.hsts ?? "max-age=31536000");
    response.end();
  };
  const httpsPort = await listen(
    createSecureServer({ key: readFileSync(files.key), cert: readFileSync(files.certificate) }, answer),
  );
  const redirect: RequestListener = ({ headers, url }, response) => {
    response.writeHead(change.status ?? 308, { location: `https://${headers.host}:${httpsPort}${url}` }).end();
  };
  const httpPort = await listen(createServer(redirect));
  const roots = join(folder, "roots.pem");
  const own = change.isOtherRoot === true ? "" : readFileSync(files.certificate, "utf8");
  writeFileSync(roots, readFileSync(other.certificate, "utf8") + own);
  const stack = fixtureStack(folder, {
    driver: "compose",
    tls: "acme",
    domain: NAMES[0],
    portalPublic: "true",
    acmeCa: "https://127.0.0.1/dir",
    acmeCaRoot: roots,
    httpPort: String(httpPort),
    httpsPort: String(httpsPort),
    ...change.settings,
  });
  const found: string[] = [];
  for (const { id, probe } of CHECKS) {
    const finding = await probe(stack, signal);
    found.push(finding.status === "fail" ? `${id} fail: ${finding.evidence}` : `${id} ${finding.status}`);
  }
  return found;
}

const GREEN = ["TLS-01 pass", "TLS-02 pass", "TLS-03 pass", "TLS-04 pass"];
/** Green but for one line. */
const but = (index: number, line: unknown) => GREEN.with(index, line as string);

test("a door that is right is green", async () => {
  expect(await look()).toEqual(GREEN);
});

test("a certificate without the Studio's name is red", async () => {
  const [certificate, ...rest] = await look({ names: [NAMES[0]] });
  expect(certificate).toBe(`TLS-01 fail: ${NAMES[1]}: the certificate is for another name`);
  // The chain is right, and Node says that the name is not.
  expect(rest.slice(0, 2)).toEqual(GREEN.slice(1, 3));
});

test("a redirect that may be forgotten is red", async () => {
  expect(await look({ status: 302 })).toEqual(
    but(1, expect.stringMatching(/^TLS-02 fail: http:\/\/board\.muster\.test answered 302/)),
  );
});

test("a name that does not tell browsers to come with TLS is red", async () => {
  expect(await look({ hsts: "" })).toEqual(but(2, `TLS-03 fail: ${NAMES[0]} tells browsers nothing`));
});

test("a certificate of another root than that of the settings is red", async () => {
  expect(await look({ isOtherRoot: true })).toEqual(
    but(3, expect.stringMatching(/^TLS-04 fail: board\.muster\.test: /)),
  );
});

test("a certificate of anybody else than the proxy's own authority is red where that is asked for", async () => {
  const lines = await look({ settings: { tls: "internal" } });
  expect(lines.map((line) => line.slice(0, 11))).toEqual(["TLS-01 fail", "TLS-02 pass", "TLS-03 fail", "TLS-04 fail"]);
});

test("a door where nobody listens is red in all four", async () => {
  const lines = await look({ settings: { publicAddress: "127.0.0.9" } });
  expect(lines.map((line) => line.slice(0, 11))).toEqual(["TLS-01 fail", "TLS-02 fail", "TLS-03 fail", "TLS-04 fail"]);
});
