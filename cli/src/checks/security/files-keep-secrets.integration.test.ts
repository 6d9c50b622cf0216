import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { fixtureStack } from "../../../../test/support/fixture-stack.ts";
import { expectRed } from "../../../../test/support/red.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import type { Stack } from "../../stack/stack.ts";
import { filesKeepSecrets } from "./files-keep-secrets.ts";

const look = (stack: Stack) => filesKeepSecrets.probe(stack, new AbortController().signal);
const AUTHOR = ["-c", "user.name=t", "-c", "user.email=t@example.com"];

interface Place {
  readonly stack: Stack;
  readonly token: string;
  git(...args: readonly string[]): void;
  /** A file of the checkout. */
  file(name: string, text: string | Uint8Array): string;
}

/** A checkout with one commit and the state folder that its .gitignore names, one log, one token. */
function openPlace(): Place {
  const stack = fixtureStack(temporaryFolder());
  const { checkout, paths } = stack;
  for (const folder of [paths.secrets, paths.logs]) mkdirSync(folder, { recursive: true });
  stack.secrets.ensure("agent-a01");
  const git = (...args: readonly string[]) =>
    void execFileSync("git", ["-C", checkout, ...AUTHOR, ...args], { stdio: "ignore" });
  const file: Place["file"] = (name, text) => {
    writeFileSync(join(checkout, name), text);
    return join(checkout, name);
  };
  file(".gitignore", "/.elk-os/\n");
  file("notes.md", "# Notes\n");
  writeFileSync(join(paths.logs, "rag.log"), "started\n");
  git("init", "--quiet");
  git("add", "--all");
  git("commit", "--quiet", "--message", "first");
  return { stack, token: stack.secrets.read("agent-a01").reveal(), git, file };
}

test("a checkout and a state folder without a secret pass, and the evidence says what was searched", async () => {
  expect(await look(openPlace().stack)).toEqual({
    status: "pass",
    evidence: "2 tracked files, git's index and HEAD, 3 written files, searched whole for 1 secret",
  });
});

test("a checkout without a git folder is said to be one", async () => {
  const { stack } = openPlace();
  rmSync(join(stack.checkout, ".git"), { recursive: true });
  expect(await look(stack)).toMatchObject({ status: "pass", evidence: expect.stringMatching(/^no git folder, /) });
});

test("a machine without git passes by what can be looked at there, and says what was not", async () => {
  const { stack } = openPlace();
  vi.stubEnv("PATH", temporaryFolder());
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await look(stack)).toMatchObject({
    status: "pass",
    evidence: expect.stringMatching(/^git is not installed, .*, 3 written files, /),
  });
});

test("a log is searched whole: in its first bytes, across two chunks, and in a rotated file", async () => {
  const { stack, token } = openPlace();
  const log = join(stack.paths.logs, "rag.log");
  const filling = Buffer.alloc(6 * 1024 * 1024, "x");
  writeFileSync(log, token);
  appendFileSync(log, filling);
  expectRed("SEC-05", await look(stack), /rag\.log holds secrets\/agent-a01$/);
  writeFileSync(log, Buffer.concat([filling.subarray(0, 1024 * 1024 - 7), Buffer.from(token), filling]));
  expectRed("SEC-05", await look(stack), /rag\.log holds secrets\/agent-a01$/);
  writeFileSync(log, filling);
  expect(await look(stack)).toMatchObject({ status: "pass" });
  writeFileSync(`${log}.3`, Buffer.concat([filling, filling, Buffer.from(token)]));
  expectRed("SEC-05", await look(stack), /rag\.log\.3 holds secrets\/agent-a01$/);
});

test("a tracked file is searched as it lies there, as it is staged, and as it was committed", async () => {
  const { stack, token, git, file } = openPlace();
  file("notes.md", `token ${token}\n`);
  expectRed("SEC-05", await look(stack), /notes\.md holds secrets\/agent-a01$/);
  git("add", "notes.md");
  file("notes.md", "# Notes\n");
  expectRed("SEC-05", await look(stack), /^git keeps a secret in index:notes\.md$/);
  git("commit", "--quiet", "--message", "second");
  git("add", "notes.md");
  expectRed("SEC-05", await look(stack), /^git keeps a secret in HEAD:notes\.md$/);
  git("commit", "--quiet", "--message", "third");
  expect(await look(stack)).toMatchObject({ status: "pass" });
});

test("a state folder that git does not ignore is red", async () => {
  const { stack, file } = openPlace();
  file(".gitignore", "");
  expectRed("SEC-05", await look(stack), /\.elk-os is not ignored by git$/);
});

test("a git that cannot look is no pass", async () => {
  const { stack } = openPlace();
  writeFileSync(join(stack.checkout, ".git", "index"), "damaged");
  await expect(look(stack)).rejects.toMatchObject({ code: "INSTALL_FAILED" });
});
