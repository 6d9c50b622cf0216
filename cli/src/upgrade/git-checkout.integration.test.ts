/** The checkout moves between two commits of a real repository; what people wrote survives, what a killed git left does not. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { openCheckout } from "./git-checkout.ts";

const AUTHOR = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];

let original: string;

beforeAll(() => {
  original = realpathSync(mkdtempSync(join(tmpdir(), "muster-test-")));
  const { git, write } = handsOn(original);
  git("init", "--quiet", "--initial-branch=main");
  write("package.json", '{ "version": "0.1.0" }\n');
  write("cli/main.ts", "one\n");
  write("cli/old.ts", "old\n");
  write("log/today.md", "# Today\n");
  git("add", "--all");
  git("commit", "--quiet", "--message", "one");
  git("tag", "one");
  write("package.json", '{ "version": "0.2.0" }\n');
  write("cli/main.ts", "two, and longer than one was\n");
  write("cli/new file.ts", "new\n");
  rmSync(join(original, "cli/old.ts"));
  git("add", "--all");
  git("commit", "--quiet", "--message", "two");
  git("tag", "two");
  git("reset", "--quiet", "--hard", "one");
});
afterAll(() => rmSync(original, { recursive: true, force: true }));

function handsOn(folder: string) {
  return {
    git: (...args: readonly string[]) =>
      execFileSync("git", ["-C", folder, ...AUTHOR, ...args], { encoding: "utf8" }).trim(),
    write(path: string, text: string) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    },
    read: (path: string) => (existsSync(join(folder, path)) ? readFileSync(join(folder, path), "utf8") : null),
  };
}

/** A clone with a release `one`, checked out as branch main, and a release `two` that adds, changes and drops a file. */
function makeRepository() {
  const folder = join(temporaryFolder(), "checkout");
  cpSync(original, folder, { recursive: true });
  const hands = handsOn(folder);
  // A copy's files have other inodes than the index names.
  hands.git("update-index", "-q", "--refresh");
  const [one = "", two = ""] = hands.git("rev-parse", "one", "two").split("\n");
  return { folder, ...hands, checkout: openCheckout(folder, new AbortController().signal), one, two };
}

describe("a checkout", () => {
  it("is read without being changed: versions, files, what differs and what stands in the way", async () => {
    const { checkout, one, two, write } = makeRepository();
    expect(await checkout.head()).toBe(one);
    expect(await checkout.ref()).toBe("main");
    expect(await checkout.resolve("two")).toBe(two);
    expect(await checkout.version(two)).toBe("0.2.0");
    expect(await checkout.show(two, "cli/new file.ts")).toBe("new");
    expect(await checkout.show(two, "cli/old.ts")).toBeNull();
    expect(await checkout.changes(one, two, "cli")).toEqual(["M cli/main.ts", "A cli/new file.ts", "D cli/old.ts"]);
    expect(await checkout.inTheWay(two)).toEqual([]);
    write("log/today.md", "# Today\n\nan entry\n");
    write("cli/new file.ts", "mine\n");
    expect(await checkout.edited()).toEqual([]);
    write("cli/main.ts", "edited\n");
    expect(await checkout.edited()).toEqual(["cli/main.ts"]);
    expect(await checkout.inTheWay(two)).toEqual(["cli/main.ts", "cli/new file.ts"]);
  });

  it.each([
    ["nothing", /git knows no commit "nothing"/],
    [null, /no upstream/],
    ["--help", /git knows no commit "--help"/],
  ])("refuses %s, which names no commit", async (ref, sentence) => {
    const { checkout } = makeRepository();
    await expect(checkout.resolve(ref)).rejects.toMatchObject({
      code: "UPGRADE_REFUSED",
      message: expect.stringMatching(sentence),
    });
  });

  it("is refused where there is no clone", () => {
    expect(() => openCheckout(temporaryFolder(), new AbortController().signal)).toThrowError(
      expect.objectContaining({ code: "UPGRADE_REFUSED" }),
    );
  });

  it("goes to a commit and back to the branch, and takes entries of the log along", async () => {
    const { checkout, git, one, two, write, read } = makeRepository();
    write("log/today.md", "# Today\n\nan entry\n");
    await checkout.switchTo(two);
    expect([await checkout.head(), git("branch", "--show-current")]).toEqual([two, ""]);
    expect([read("cli/main.ts"), read("cli/old.ts")]).toEqual(["two, and longer than one was\n", null]);
    await checkout.switchTo("main");
    expect([await checkout.head(), git("branch", "--show-current")]).toEqual([one, "main"]);
    expect(read("cli/new file.ts")).toBeNull();
    expect(read("log/today.md")).toBe("# Today\n\nan entry\n");
  });

  it("runs no hook of the checkout", async () => {
    const { checkout, folder, two, write } = makeRepository();
    write(".git/hooks/post-checkout", `#!/bin/sh\ntouch '${join(folder, "hooked")}'\n`);
    execFileSync("chmod", ["+x", join(folder, ".git/hooks/post-checkout")]);
    await checkout.switchTo(two);
    expect(existsSync(join(folder, "hooked"))).toBe(false);
  });
});

type Repository = ReturnType<typeof makeRepository>;

/** What a git leaves that is killed in a checkout of `two`. */
const KILLED: readonly { readonly at: string; readonly leave: (repository: Repository) => void }[] = [
  { at: "its lock", leave: ({ write }) => write(".git/index.lock", "") },
  {
    at: "the middle of a file",
    leave({ write, folder }) {
      write(".git/index.lock", "");
      rmSync(join(folder, "cli/old.ts"));
      write("cli/main.ts", "two, and");
    },
  },
  {
    at: "its last file",
    leave({ write, folder }) {
      write(".git/index.lock", "");
      rmSync(join(folder, "cli/old.ts"));
      write("cli/main.ts", "two, and longer than one was\n");
      write("cli/new file.ts", "new\n");
      write("package.json", '{ "version": "0.2.0" }\n');
    },
  },
  { at: "its index, before HEAD", leave: ({ git }) => git("read-tree", "-m", "-u", "HEAD", "two") },
];

describe.each(KILLED)("a switch that was killed behind $at", ({ leave }) => {
  it("is done when it is tried again", async () => {
    const repository = makeRepository();
    const { checkout, git, read, two } = repository;
    leave(repository);
    await checkout.switchTo(two);
    expect([await checkout.head(), git("status", "--porcelain")]).toEqual([two, ""]);
    expect(read("cli/main.ts")).toBe("two, and longer than one was\n");
  });

  it("is taken back when it is given up", async () => {
    const repository = makeRepository();
    const { checkout, git, read, one, two } = repository;
    leave(repository);
    await checkout.takeBack(two);
    expect([await checkout.head(), git("status", "--porcelain")]).toEqual([one, ""]);
    expect([read("cli/main.ts"), read("cli/old.ts"), read("cli/new file.ts")]).toEqual(["one\n", "old\n", null]);
  });
});

it.each(["cli/main.ts", "cli/new file.ts", "cli/old.ts"])(
  "a switch that would overwrite what somebody wrote into %s is stopped, and leaves it",
  async (path) => {
    const { checkout, one, two, write, read } = makeRepository();
    write(path, "mine, and no git has it\n");
    await expect(checkout.switchTo(two)).rejects.toMatchObject({
      code: "UPGRADE_STOPPED",
      message: expect.stringContaining(path),
    });
    expect([await checkout.head(), read(path)]).toEqual([one, "mine, and no git has it\n"]);
  },
);
