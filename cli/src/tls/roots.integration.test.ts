import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeSelfSigned } from "../../../test/support/self-signed.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { CliError } from "../errors/cli-error.ts";
import { readRoots } from "./roots.ts";

function refusal(path: string): CliError {
  try {
    readRoots(path);
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
  throw new Error("The file was accepted.");
}

test("every certificate of a file is read, and what stands between them left out", () => {
  const folder = temporaryFolder();
  const [one, two] = ["a", "b"].map((name) =>
    readFileSync(makeSelfSigned(join(folder, name), [`DNS:${name}.test`]).certificate, "utf8"),
  );
  const path = join(folder, "roots.pem");
  writeFileSync(path, `# ours\n${one}\nnext:\n${two}`);
  expect(readRoots(path)).toEqual([one, two]);
});

test.each([
  [
    "no certificate at all",
    "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    /it holds no certificate\.$/,
  ],
  ["one that is none", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", /it cannot be read \(/],
])("a file with %s is refused by key and path", (_what, text, why) => {
  const path = join(temporaryFolder(), "roots.pem");
  writeFileSync(path, text);
  const error = refusal(path);
  expect(error).toMatchObject({ code: "CONFIG_VALUE_INVALID", exit: 2, facts: { key: "ELK_OS_ACME_CA_ROOT" } });
  expect(error.message).toContain(path);
  expect(error.message).toMatch(why);
});

test("a file that is not there is refused", () => {
  expect(refusal("/nowhere/roots.pem").message).toContain("ENOENT");
});
