import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CacheEntry } from "../drivers/embedded/staging/cache-entry.ts";
import { packagesFor } from "../drivers/embedded/staging/directus-runtime.ts";
import { npmFlagsFor } from "../drivers/embedded/staging/npm-flags.ts";
import { digestOf } from "../drivers/embedded/staging/tree-hash.ts";
import { CliError } from "../errors/cli-error.ts";
import { runCommand } from "../host/run.ts";
import { type Compiling, compilePackages } from "./compiled-packages.ts";
import { lockFiles, packagesHash } from "./shipped-packages.ts";

/** A minute measured on two cores with a cold npm cache. */
const INSTALL_TIMEOUT_MS = 20 * 60_000;
/** What lies in npm's cache is not asked for again: the lock pins each package by its digest. */
const INSTALL = [
  ...(["npm", "ci", "--omit=dev", "--include=optional", "--prefer-offline"] as const),
  ...["--no-progress", "--no-audit", "--no-fund"],
] as const;
const PINS = ["package.json", "package-lock.json"];

/** The pinned Node and npm of another architecture, laid out as the launcher does (bin/launcher/toolchain.sh). */
export function foreignToolchain(checkout: string, architecture: string): CacheEntry {
  const pins = join(checkout, "bin", "toolchain");
  const [node, npm] = [`node_modules/node-linux-${architecture}/bin/node`, "node_modules/npm/bin/npm-cli.js"];
  return {
    name: `bundle-toolchain-${architecture}`,
    key: digestOf([...PINS.map((name) => readFileSync(join(pins, name))), architecture]),
    proof: [node, npm, "node_modules/.package-lock.json"],
    async build(folder, progress, signal) {
      progress(`installing the Node and npm of ${architecture}`);
      for (const name of PINS) copyFileSync(join(pins, name), join(folder, name));
      await install(folder, architecture, signal);
    },
  };
}

/** What `npm ci --omit=dev` installs of the checkout's lock on a machine of that architecture, below the manifests that the lock is of. */
export function foreignPackages(checkout: string, compiling: Compiling): CacheEntry {
  const { architecture, compiler } = compiling;
  return {
    name: `bundle-packages-${architecture}`,
    key: digestOf([packagesHash(checkout), process.versions.node, architecture, compiler?.version ?? ""]),
    proof: ["node_modules/.package-lock.json"],
    async build(folder, progress, signal) {
      progress(`installing the packages of ${architecture}`);
      for (const name of [...lockFiles(checkout), ".npmrc"]) {
        if (!existsSync(join(checkout, name))) continue;
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        copyFileSync(join(checkout, name), join(folder, name));
      }
      await install(folder, architecture, signal);
      await compilePackages(folder, compiling, progress, signal);
    },
  };
}

/** npm compares each package with the lock's integrity, and says nothing of an optional one that it could not fetch. */
async function install(folder: string, architecture: string, signal: AbortSignal): Promise<void> {
  await runCommand([...INSTALL, ...npmFlagsFor({ architecture })], {
    purpose: `npm could not install the packages of ${architecture}`,
    timeoutMs: INSTALL_TIMEOUT_MS,
    cwd: folder,
    signal,
  });
  const lock: unknown = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8"));
  const missing = packagesFor(lock, { os: "linux", cpu: architecture }).filter(
    (path) => path.split("/").includes("node_modules") && !existsSync(join(folder, path, "package.json")),
  );
  if (missing.length === 0) return;
  throw new CliError("INSTALL_FAILED", {
    message: `npm said that it installed the packages of ${architecture}, but left out ${missing.join(", ")}.`,
    hint: "Its download failed, and npm is silent about optional packages. Export again when the registry answers.",
    facts: { missing },
  });
}
