import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FREE_PORTS, openFolder, runCli } from "../../test/support/run-cli.ts";
import { CONFIG_KEYS, environmentName } from "./config/schema.ts";
import { SECRETS } from "./state/secrets.ts";

const ROOT = join(import.meta.dirname, "../..");
const RELEASE: string = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).version;

/** A checkout of its own, which can have an .env: our CLI, our packages. */
function copyOfCheckout(dotenv: string): string {
  const checkout = openFolder();
  mkdirSync(join(checkout, "cli"));
  for (const path of ["package.json", "cli/package.json", "cli/src", "cli/sql"]) {
    cpSync(join(ROOT, path), join(checkout, path), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(checkout, "node_modules"));
  writeFileSync(join(checkout, ".env"), dotenv);
  return checkout;
}

describe("elk-os version", () => {
  test("answers one line for people, and works with nothing made", async () => {
    const { code, stdout, stderr } = await runCli(["--version"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(
      new RegExp(`^Muster ${RELEASE}  build ([0-9a-f]{12}|dev)  node v\\d+\\.\\S+  linux-(x64|arm64)\\n$`),
    );
  });

  test("answers one JSON document with --json, before or behind the command", async () => {
    for (const args of [
      ["version", "--json"],
      ["--json", "version"],
    ]) {
      const { code, stdout, stderr } = await runCli(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(JSON.parse(stdout)).toMatchObject({ ok: true, version: RELEASE, node: process.version });
    }
  });
});

describe("elk-os config --json", () => {
  test("shows every key with value and source, the URLs, and no secret that init made", async () => {
    const stateDir = join(openFolder(), "state");
    const environment = { ...FREE_PORTS, ELK_OS_STATE_DIR: stateDir };
    expect(await runCli(["init", "--profile", "analogelk"], { environment })).toMatchObject({ code: 0 });
    const { code, stdout } = await runCli(["config", "--json"], { environment: { ELK_OS_STATE_DIR: stateDir } });
    expect(code).toBe(0);
    const { keys, urls, secrets } = JSON.parse(stdout);
    const byKey = Object.fromEntries(
      keys.map(({ key, value, source }: Record<string, unknown>) => [key, [value, source]]),
    );
    expect(Object.keys(byKey)).toEqual(CONFIG_KEYS.map(environmentName));
    expect(byKey).toMatchObject({
      ELK_OS_STATE_DIR: [stateDir, "environment"],
      ELK_OS_RAG_PORT: [Number(FREE_PORTS.ELK_OS_RAG_PORT), "recorded in config.json"],
      ELK_OS_PROFILE: ["analogelk", "recorded in config.json"],
      ELK_OS_DRIVER: ["auto", "default"],
      ELK_OS_TELEMETRY_URL: [null, "default"],
    });
    expect(urls).toMatchObject({ rag: `http://127.0.0.1:${FREE_PORTS.ELK_OS_RAG_PORT}` });
    expect(secrets.map(({ name, value, present }: Record<string, unknown>) => [name, value, present])).toEqual(
      Object.keys(SECRETS).map((name) => [name, "[redacted]", true]),
    );
    for (const name of readdirSync(join(stateDir, "secrets"))) {
      expect(stdout).not.toContain(readFileSync(join(stateDir, "secrets", name), "utf8"));
    }
  });
});

describe("an .env in the checkout", () => {
  test("is read, and a key in it that is unknown is named with its line and what was meant", async () => {
    const checkout = copyOfCheckout("# ports\nELK_OS_PORTAL_PORT=3111\nELK_OS_RAG_PROT=9100\n");
    const { code, stdout, stderr } = await runCli(["config"], { checkout });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toBe(
      [
        "elk-os: config key ELK_OS_RAG_PROT is unknown (from .env line 3)",
        "        did you mean ELK_OS_RAG_PORT? every key: elk-os config",
        "        CONFIG_KEY_UNKNOWN, exit 2",
        "",
      ].join("\n"),
    );
    writeFileSync(join(checkout, ".env"), "ELK_OS_PORTAL_PORT=3111\n");
    const mended = await runCli(["config"], { checkout });
    expect(mended.stdout).toMatch(/^ELK_OS_PORTAL_PORT +3111 +\.env line 1$/m);
  });
});

describe("what it prints", () => {
  test("without a terminal has no escape sequences, with --ascii nothing but ASCII", async () => {
    const environment = { ...FREE_PORTS, ELK_OS_STATE_DIR: join(openFolder(), "state") };
    const { code, stderr } = await runCli(["init", "--ascii"], { environment });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^init {6}\+ state folder /m);
    expect(stderr.replaceAll("\n", "")).toMatch(/^[\x20-\x7e]*$/);
  });

  test("of an error is one JSON document on stdout with --json, even when the options cannot be parsed", async () => {
    const { code, stdout, stderr } = await runCli(["up", "--frm", "--json"]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      error: { code: "USAGE_INVALID", hint: expect.stringContaining("--from") },
    });
  });

  test("is the help on stdout when it was asked for, and on stderr with exit 2 when it was not", async () => {
    const asked = await runCli(["--help"]);
    expect(asked).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("Usage: elk-os <command>") });
    const lost = await runCli([]);
    expect(lost).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("Usage: elk-os <command>") });
  });
});
