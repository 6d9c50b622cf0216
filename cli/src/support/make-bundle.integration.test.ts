import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { openSecrets } from "../state/secrets.ts";
import { makeBundle } from "./make-bundle.ts";
import { type Redact, redactor } from "./redact.ts";

const root = mkdtempSync(join(tmpdir(), "muster-support-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A canary in every place where a log may carry one. */
const CANARY = "c4a7a29e1d0b4f3f8a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f";
const sinks = {
  "facts.json": JSON.stringify({ token: CANARY }),
  "settings.json": `https://a:${CANARY}@example.com/?token=${CANARY}`,
  "doctor.json": Buffer.from(CANARY).toString("base64"),
  "journal.jsonl": `authorization: Bearer ${CANARY}`,
  "logs.txt": `one ${CANARY} two ${Buffer.from(CANARY).toString("base64url")}`,
};

function place(name: string) {
  const secrets = join(root, name, "secrets");
  mkdirSync(secrets, { recursive: true });
  writeFileSync(join(secrets, "rag_key"), CANARY);
  return { folder: join(root, name, "support"), secrets: openSecrets(secrets) };
}

const make = (name: string, redact?: Redact) => {
  const { folder, secrets } = place(name);
  const signal = new AbortController().signal;
  return makeBundle({ folder, id: "bundle", files: sinks, secrets, redact: redact ?? redactor(secrets), signal });
};

it("packs every file, and none holds the canary in any form", async () => {
  const { archive } = await make("clean");
  const listing = execFileSync("tar", ["-tzf", archive], { encoding: "utf8" });
  for (const name of Object.keys(sinks)) expect(listing).toContain(`bundle/${name}`);
  const all = execFileSync("tar", ["-xzOf", archive], { encoding: "utf8" });
  expect(all).toContain("[redacted]");
  for (const encoding of ["utf8", "base64", "base64url"] as const) {
    expect(all).not.toContain(Buffer.from(CANARY).toString(encoding));
  }
});

it("is refused and removed when redaction let one through", async () => {
  await expect(make("leaky", (text) => text)).rejects.toMatchObject({
    code: "SECRET_LEAKED",
    message: expect.stringContaining("secrets/rag_key"),
  });
  const left = join(root, "leaky", "support");
  expect(existsSync(left) ? readdirSync(left) : []).toEqual([]);
});
