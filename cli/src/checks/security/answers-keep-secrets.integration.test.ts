import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { fixtureStack } from "../../../../test/support/fixture-stack.ts";
import { expectRed } from "../../../../test/support/red.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import type { Finding } from "../check.ts";
import { answersKeepSecrets, scriptsOf } from "./answers-keep-secrets.ts";

const PAGE =
  '<script src="/_next/static/a.js?v=1&amp;w=2" async></script><link rel="preload" href="/_next/static/b.js">';

/** What the check says of three services that answer so by path; whatever is not named is a page of the portal. */
async function judged(answers: (token: string) => Readonly<Record<string, string>>): Promise<Finding> {
  let said: Readonly<Record<string, string>> = {};
  const ports: string[] = [];
  for (let service = 0; service < 3; service += 1) {
    const server = createServer((request, response) => void response.end(said[request.url ?? ""] ?? PAGE));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    ports.push(String((server.address() as AddressInfo).port));
  }
  const [directusPort = "", ragPort = "", portalPort = ""] = ports;
  const stack = fixtureStack(temporaryFolder(), { directusPort, ragPort, portalPort });
  mkdirSync(stack.paths.secrets, { recursive: true });
  stack.secrets.ensure("agent-a01");
  said = answers(stack.secrets.read("agent-a01").reveal());
  return answersKeepSecrets.probe(stack, new AbortController().signal);
}

test("scripts are those of the page's own server, each once", async () => {
  expect(scriptsOf(PAGE)).toEqual(["/_next/static/a.js?v=1&w=2", "/_next/static/b.js"]);
  expect(scriptsOf('<script src="//elsewhere.example/x.js"></script><link href="/a.css">')).toEqual([]);
  expect(await judged(() => ({}))).toMatchObject({
    status: "pass",
    evidence: expect.stringMatching(/^12 answers and 2 scripts, /),
  });
});

test("SEC-06 is red for a secret in a page, in a script that it loads, and for a stack trace in an answer", async () => {
  expectRed("SEC-06", await judged((token) => ({ "/agents": token })), /^portal \/agents shows secrets\/agent-a01$/);
  expectRed(
    "SEC-06",
    await judged((token) => ({ "/_next/static/b.js": `const key = "${token}";` })),
    /^portal \/_next\/static\/b\.js shows secrets\/agent-a01$/,
  );
  const trace = "Error: x\n    at read (file:///app/server.js:10:3)";
  expectRed("SEC-06", await judged(() => ({ "/health": trace })), /^rag \/health shows a stack trace$/);
});
