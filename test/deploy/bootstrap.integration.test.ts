/** What the machine runs on its first boot, run here on a repository and a folder of the test's own. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { parse } from "yaml";
import { findCommand, launch, makePath } from "../launcher/launch.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { CHECKOUT, deployFile, fillIn, INSTALLED_AT } from "./deploy-files.ts";

const cloudInit = findCommand("cloud-init");

let folder: string;
let repository: string;

beforeEach(() => {
  folder = temporaryFolder();
  repository = join(folder, "repository");
  mkdirSync(join(repository, "deploy", "box"), { recursive: true });
  mkdirSync(join(repository, "bin"));
  writeFileSync(join(repository, "bin", "elk-os"), "");
  writeFileSync(
    join(repository, "deploy", "box", "install.sh"),
    '#!/bin/sh\necho "installing $(cat release) for <$1>"\n',
  );
  chmodSync(join(repository, "deploy", "box", "install.sh"), 0o755);
  git("init", "--quiet");
  release("v1.0.0");
  release("v1.1.0");
});

function git(...args: readonly string[]): string {
  const identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"];
  return execFileSync("git", ["-C", repository, ...identity, ...args], { encoding: "utf8", stdio: "pipe" }).trim();
}

function release(name: string): void {
  writeFileSync(join(repository, "release"), name);
  git("add", "-A");
  git("commit", "--quiet", "-m", name);
  git("tag", name);
}

/** Runs the script of the user data with the given parameters, on a machine that calls itself `machine`. */
async function bootstrap(ref: string, { machine = "aarch64", domain = "" } = {}) {
  const text = fillIn(deployFile("cloud-init.yaml"), { repository, ref, domain });
  const { write_files: files } = parse(text) as { write_files: { path: string; content: string }[] };
  const script = join(folder, "bootstrap");
  writeFileSync(
    script,
    (files.find(({ path }) => path.endsWith("/muster-bootstrap"))?.content ?? "").replaceAll(
      INSTALLED_AT,
      join(folder, "muster"),
    ),
  );
  const tools = join(folder, `tools-${machine}`);
  if (!existsSync(tools)) {
    await makePath(tools, ["git"]);
    rmSync(join(tools, "uname"));
    writeFileSync(join(tools, "uname"), `#!/bin/sh\necho ${machine}\n`, { mode: 0o755 });
  }
  return launch("/bin/sh", { path: tools, args: [script], cwd: folder });
}

test("the pinned release is what is installed, and again when the machine boots again", async () => {
  for (const _ of ["first boot", "second boot"])
    expect(await bootstrap("v1.0.0")).toMatchObject({ exit: 0, stdout: "installing v1.0.0 for <>\n" });
});

test("a commit may be pinned, and the name is handed on", async () => {
  const outcome = await bootstrap(git("rev-parse", "v1.0.0"), { domain: "muster.example.com" });
  expect(outcome).toMatchObject({ exit: 0, stdout: "installing v1.0.0 for <muster.example.com>\n" });
});

test("another release that came later is fetched and taken", async () => {
  await bootstrap("v1.1.0");
  release("v1.2.0");
  expect(await bootstrap("v1.2.0")).toMatchObject({ exit: 0, stdout: "installing v1.2.0 for <>\n" });
});

test("what an interrupted clone left is not taken for a checkout", async () => {
  mkdirSync(join(folder, "muster.partial", ".git"), { recursive: true });
  expect(await bootstrap("v1.0.0")).toMatchObject({ exit: 0 });
});

test("a release that does not exist installs nothing", async () => {
  const outcome = await bootstrap("v9.9.9");
  expect(outcome.exit).not.toBe(0);
  expect(outcome.stdout).toBe("");
});

test("another architecture is refused before anything is fetched", async () => {
  const outcome = await bootstrap("v1.0.0", { machine: "x86_64" });
  expect(outcome).toMatchObject({ exit: 1, stderr: "muster: this machine is x86_64, not aarch64\n" });
  expect(existsSync(join(folder, "muster"))).toBe(false);
});

test("the installer refuses a checkout that the units do not name", async () => {
  const installer = join(CHECKOUT, "deploy", "box", "install.sh");
  expect(statSync(installer).mode & 0o111).toBe(0o111);
  const outcome = await launch("/bin/sh", { path: "/usr/bin:/bin", args: [installer], cwd: folder });
  expect(outcome.exit).toBe(2);
  expect(outcome.stderr).toMatch(/^muster: (the checkout must be \/opt\/muster|this needs root)/);
});

test.skipIf(cloudInit === null)("cloud-init has nothing to say about the user data", async () => {
  const path = join(folder, "user-data");
  writeFileSync(
    path,
    fillIn(readFileSync(join(CHECKOUT, "deploy", "cloud-init.yaml"), "utf8"), {
      repository,
      ref: "v1.0.0",
      domain: "",
    }),
  );
  const outcome = await launch(cloudInit ?? "", {
    path: "/usr/bin:/bin",
    args: ["schema", "--config-file", path],
    cwd: folder,
  });
  expect(outcome.exit, outcome.stdout + outcome.stderr).toBe(0);
});
