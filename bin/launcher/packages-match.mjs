// packages-match.mjs CHECKOUT production|full: exit 0 when node_modules holds exactly what the lock says.
//
// npm writes node_modules/.package-lock.json when an install is complete. It must agree with package-lock.json on
// every package it lists, and lack none but optional ones (and development ones, for production).
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [checkout, mode] = process.argv.slice(2);

/** The `packages` of a lock, without the root project. */
function lockedPackages(path) {
  const { "": _root, ...packages } = JSON.parse(readFileSync(join(checkout, path), "utf8")).packages;
  return packages;
}

/** A workspace is files of the checkout, reached through a link: a release may give it another version, and nothing is to be installed. */
const isWorkspace = (path) => !path.split("/").includes("node_modules");

function isInstalledAsLocked(path, wanted, installed) {
  if (installed === undefined) return wanted.optional || wanted.devOptional || (wanted.dev && mode === "production");
  if (isWorkspace(path)) return existsSync(join(checkout, path, "package.json"));
  return (
    installed.version === wanted.version &&
    installed.integrity === wanted.integrity &&
    existsSync(join(checkout, path, "package.json"))
  );
}

const wanted = lockedPackages("package-lock.json");
const installed = lockedPackages("node_modules/.package-lock.json");
const matches =
  Object.keys(installed).every((path) => path in wanted) &&
  Object.entries(wanted).every(([path, entry]) => isInstalledAsLocked(path, entry, installed[path]));

process.exitCode = matches ? 0 : 1;
