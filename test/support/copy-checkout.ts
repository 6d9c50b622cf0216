import { execFileSync } from "node:child_process";
import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CHECKOUT } from "./stack.ts";

/**
 * A second checkout in a folder that does not exist yet: what git would commit now, and the installed packages. Owned by
 * the given user. About 10 s, nearly all for node_modules.
 */
export function copyCheckout(to: string, owner: { readonly uid: number; readonly gid: number }): void {
  copyCommitted(to);
  const { workspaces } = JSON.parse(readFileSync(join(CHECKOUT, "package.json"), "utf8")) as { workspaces: string[] };
  // npm keeps beside a workspace what it alone needs in another version: without it the copy's packages are not what its lock says.
  for (const owner of ["", ...workspaces].filter((name) => existsSync(join(CHECKOUT, name, "node_modules")))) {
    // cp knows reflinks and keeps the relative links by which workspaces find each other.
    execFileSync("cp", ["-a", "--reflink=auto", join(CHECKOUT, owner, "node_modules"), join(to, owner)]);
  }
  execFileSync("chown", ["-R", `${owner.uid}:${owner.gid}`, to]);
}

/** The same without the packages, owned by whoever runs the tests; half a second. */
export function copyCommitted(to: string): void {
  mkdirSync(to, { mode: 0o755 });
  const git = ["-c", `safe.directory=${CHECKOUT}`, "-C", CHECKOUT];
  const listing = execFileSync("git", [...git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    encoding: "utf8",
    maxBuffer: 16 * 1024 * 1024,
  });
  for (const name of listing.split("\0")) {
    // Listed and yet absent: deleted in the working tree.
    if (name === "" || lstatSync(join(CHECKOUT, name), { throwIfNoEntry: false }) === undefined) continue;
    mkdirSync(join(to, dirname(name)), { recursive: true });
    cpSync(join(CHECKOUT, name), join(to, name), { verbatimSymlinks: true });
  }
}
