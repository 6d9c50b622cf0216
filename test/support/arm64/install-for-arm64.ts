/** Packages of a lock of ours as npm installs them on an arm64 machine. What was installed once is kept beside the unpacked Debian packages. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { enginePlace } from "../../../scripts/engine/place.ts";

const CHECKOUT = resolve(import.meta.dirname, "../../..");
const FILES = ["package.json", "package-lock.json"] as const;
const MACHINE = ["--os=linux", "--cpu=arm64", "--libc=glibc"];
const SILENT = ["--no-audit", "--no-fund", "--no-update-notifier"];
/** Says where an install came to its end. */
const MARKER = ".complete";

interface Locked {
  readonly version: string;
  readonly integrity: string;
}

export interface Arm64Install {
  /** Folder of the checkout with package.json and package-lock.json. */
  readonly lock: string;
  /** This package of the lock alone, with nothing that it depends on; left out: all of them. */
  readonly only?: string;
  /** Files below node_modules without which it is not whole: npm leaves out in silence what is optional. */
  readonly proof: readonly string[];
  /** Paths below node_modules that are for other machines, removed to save the disk. */
  readonly drop?: readonly string[];
}

/** Answers its node_modules. npm compares each package with the integrity in the lock. @throws Error with npm's words */
export async function installForArm64(install: Arm64Install): Promise<string> {
  const { lock, only } = install;
  const files = only === undefined ? wholeLock(lock) : lockOf(lock, only);
  const fingerprint = createHash("sha256")
    .update(JSON.stringify([files, install]))
    .digest("hex")
    .slice(0, 12);
  const folder = join(enginePlace().root, `arm64-packages-${fingerprint}`);
  if (!existsSync(join(folder, MARKER))) {
    const draft = `${folder}.tmp`;
    try {
      await build(draft, files, install);
      rmSync(folder, { recursive: true, force: true });
      renameSync(draft, folder);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  }
  return join(folder, "node_modules");
}

async function build(folder: string, files: readonly string[], { proof, drop = [] }: Arm64Install): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [index, name] of FILES.entries()) writeFileSync(join(folder, name), files[index] ?? "");
  const argv = ["ci", ...MACHINE, "--ignore-scripts", "--include=optional", ...SILENT];
  await promisify(execFile)("npm", argv, { cwd: folder });
  const modules = join(folder, "node_modules");
  for (const path of drop) rmSync(join(modules, path), { recursive: true });
  const lacking = proof.filter((path) => !existsSync(join(modules, path)));
  if (lacking.length > 0) throw new Error(`npm left out ${lacking.join(", ")}`);
  writeFileSync(join(folder, MARKER), "");
}

/** The texts of FILES. */
function wholeLock(folder: string): readonly string[] {
  return FILES.map((name) => readFileSync(join(CHECKOUT, folder, name), "utf8"));
}

/** The same with one package, which is wanted then and no more optional: npm says so when it is not what the lock pins. */
function lockOf(folder: string, name: string): readonly string[] {
  const { [`node_modules/${name}`]: locked } = readLock(folder);
  if (locked === undefined) throw new Error(`${folder}/package-lock.json has no ${name}`);
  const { version, integrity } = locked;
  const root = { name: "arm64", version: "0.0.0", private: true, dependencies: { [name]: version } };
  const packages = { "": root, [`node_modules/${name}`]: { version, integrity } };
  return [root, { ...root, lockfileVersion: 3, requires: true, packages }].map((value) => JSON.stringify(value));
}

export function readLock(folder: string): Readonly<Record<string, Locked>> {
  const { packages } = JSON.parse(readFileSync(join(CHECKOUT, folder, "package-lock.json"), "utf8")) as {
    readonly packages: Record<string, Locked>;
  };
  return packages;
}
