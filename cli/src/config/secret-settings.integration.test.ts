import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { forgetSecrets, type LoadInput, loadConfig } from "./load.ts";

const URL = "postgres://boss:geheim@db.example/muster";
const OTHER = "postgres://boss:anders@db.example/muster";

function load(environment: LoadInput["environment"], recorded: Readonly<Record<string, string>> = {}) {
  const checkout = temporaryFolder();
  mkdirSync(join(checkout, ".elk-os"));
  writeFileSync(join(checkout, ".elk-os", "config.json"), JSON.stringify(recorded));
  return loadConfig({ checkout, isRoot: false, ...(environment === undefined ? {} : { environment }) });
}

function fileWith(text: string): string {
  const file = join(temporaryFolder(), "url");
  writeFileSync(file, `${text}\n`);
  return file;
}

test("an address that is given itself is recorded as the file in which init keeps it, and shown nowhere", () => {
  const { value, explicit, checkout, provenance } = load({ ELK_OS_DATABASE_URL: URL });
  expect(value.databaseUrl?.reveal()).toBe(URL);
  expect(explicit).toEqual({ ELK_OS_DATABASE_URL_FILE: join(checkout, ".elk-os/secrets/database_url") });
  expect(provenance.databaseUrl).toBe("environment");
  expect(JSON.stringify({ value, explicit, provenance })).not.toContain("geheim");
});

test("an address in a file is read from there, and the file stays where it is", () => {
  const file = fileWith(URL);
  const { value, explicit } = load({ ELK_OS_DATABASE_URL_FILE: file });
  expect(value.databaseUrl?.reveal()).toBe(URL);
  expect(explicit).toEqual({ ELK_OS_DATABASE_URL_FILE: file });
});

test("who hands on no address reads the recorded one, and who hands on another is believed", () => {
  const recorded = { ELK_OS_DATABASE_URL_FILE: fileWith(URL) };
  expect(load({}, recorded).value.databaseUrl?.reveal()).toBe(URL);
  expect(load({ ELK_OS_DATABASE_URL: OTHER }, recorded).value.databaseUrl?.reveal()).toBe(OTHER);
  expect(load({ ELK_OS_DATABASE_URL_FILE: fileWith(OTHER) }, recorded).value.databaseUrl?.reveal()).toBe(OTHER);
});

test("an empty value takes the recorded one away", () => {
  const { value, explicit } = load({ ELK_OS_DATABASE_URL_FILE: "" }, { ELK_OS_DATABASE_URL_FILE: fileWith(URL) });
  expect(value.databaseUrl).toBeUndefined();
  expect(explicit).toEqual({});
});

test.each<[string, Readonly<Record<string, string>>, RegExp]>([
  [
    "is no address",
    { ELK_OS_DATABASE_URL: "mysql://boss:geheim@a/b" },
    /ELK_OS_DATABASE_URL is "\[redacted\]" \(from environment\): must be postgres/,
  ],
  ["is given twice", { ELK_OS_DATABASE_URL: URL, ELK_OS_DATABASE_URL_FILE: "/x" }, /are both set \(from environment\)/],
  [
    "is in a file that is not there",
    { ELK_OS_DATABASE_URL_FILE: "/nowhere/url" },
    /"\/nowhere\/url" \(from environment\), which cannot be read/,
  ],
  [
    "a container would find itself at",
    { ELK_OS_DATABASE_URL: "postgres://boss:geheim@127.0.0.1/muster", ELK_OS_DRIVER: "compose" },
    /ELK_OS_DATABASE_URL is "\[redacted\]" \(from environment\): with the compose driver .* 127\.0\.0\.1 is that container/,
  ],
  ["is a second way to none", { ELK_OS_DATABASE_LISTEN_URL: URL }, /ELK_OS_DATABASE_URL is unset/],
])("an address that %s is refused without showing it", (_what, environment, sentence) => {
  expect(() => load(environment)).toThrow(sentence);
  expect(() => load(environment)).not.toThrow(/geheim/);
});

test("children are not handed the address", () => {
  const environment: NodeJS.ProcessEnv = {
    ELK_OS_DATABASE_URL: URL,
    ELK_OS_DATABASE_LISTEN_URL: URL,
    ELK_OS_PROFILE: "a",
  };
  forgetSecrets(environment);
  expect(environment).toEqual({ ELK_OS_PROFILE: "a" });
});
