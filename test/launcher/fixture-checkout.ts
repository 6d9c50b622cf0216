import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHECKOUT } from "./launch.ts";

/** What the stand-in for the CLI prints: everything that the launcher handed over. */
export interface Answer {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly main: string;
  readonly node: string;
  readonly version: string;
  readonly options: readonly string[];
  readonly path: string;
  readonly cache: string | null;
  readonly headers: string | null;
  readonly globalConfig: string | null;
  readonly minute: number;
}

const MAIN = `
import ms from "ms";
const e = process.env;
process.stdout.write(JSON.stringify({
  argv: process.argv.slice(2), cwd: process.cwd(), main: import.meta.filename, node: process.execPath,
  version: process.versions.node, options: process.execArgv, path: e.PATH, cache: e.npm_config_cache ?? null,
  headers: e.npm_config_nodedir ?? null, globalConfig: e.npm_config_globalconfig ?? null, minute: ms("1m"),
} satisfies Record<string, unknown>) + "\\n");
`;

/** While the file \`hold\` is there, an install stays in the middle: packages in place, npm not done. */
const HOLD = "if [ -f ../hold ]; then echo $$ > ../held; while [ -f ../hold ]; do sleep 0.1; done; fi";

const PACKAGE = {
  name: "fixture",
  version: "0.0.0",
  private: true,
  type: "module",
  workspaces: ["cli"],
  devDependencies: { isexe: "4.0.0" },
};

const CLI_PACKAGE = {
  name: "@fixture/cli",
  version: "0.0.0",
  private: true,
  type: "module",
  scripts: { postinstall: HOLD },
  dependencies: { ms: "2.1.3" },
};

/** Integrities from the registry; both packages are small and have no dependencies. */
const LOCKED_MODULES = {
  "node_modules/@fixture/cli": { resolved: "cli", link: true },
  "node_modules/isexe": {
    version: "4.0.0",
    integrity: "sha512-FFUtZMpoZ8RqHS3XeXEmHWLA4thH+ZxCv2lOiPIn1Xc7CxrqhWzNSDzD+/chS/zbYezmiwWLdQC09JdQKmthOw==",
    dev: true,
    license: "BlueOak-1.0.0",
    engines: { node: ">=20" },
  },
  "node_modules/ms": {
    version: "2.1.3",
    integrity: "sha512-6FlzubTLZG3J2a/NVCAleEhjzq5oxgHyaCU9yYXvcLsvoVaHJq/s5xXI6/XXP6tz7R9xAOtHnSO/tXtF3WRTlA==",
    license: "MIT",
  },
};

/** A temporary folder that is gone after the test file; readable for other users, unlike mkdtemp's own. */
export function makeFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `elk-os-${name}-`));
  chmodSync(folder, 0o755);
  return folder;
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** The launcher of this checkout in a tiny checkout: one workspace, one dependency, one development dependency. */
export function makeFixtureCheckout(folder: string): string {
  const checkout = join(folder, "checkout");
  mkdirSync(join(checkout, "cli/src"), { recursive: true });
  cpSync(join(CHECKOUT, "bin"), join(checkout, "bin"), { recursive: true });
  writeJson(join(checkout, "package.json"), PACKAGE);
  writeJson(join(checkout, "cli/package.json"), CLI_PACKAGE);
  writeFileSync(join(checkout, "cli/src/main.ts"), MAIN);
  writeJson(join(checkout, "package-lock.json"), {
    name: PACKAGE.name,
    version: PACKAGE.version,
    lockfileVersion: 3,
    requires: true,
    packages: {
      "": {
        name: PACKAGE.name,
        version: PACKAGE.version,
        workspaces: ["cli"],
        devDependencies: PACKAGE.devDependencies,
      },
      cli: {
        name: CLI_PACKAGE.name,
        version: CLI_PACKAGE.version,
        hasInstallScript: true,
        dependencies: CLI_PACKAGE.dependencies,
      },
      ...LOCKED_MODULES,
    },
  });
  return checkout;
}

export function editFile(path: string, edit: (text: string) => string): void {
  const before = readFileSync(path, "utf8");
  const after = edit(before);
  if (after === before) throw new Error(`the edit of ${path} changed nothing`);
  writeFileSync(path, after);
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

/**
 * Makes a checkout want Muster's own native package, as the lock of this checkout has it: optional, and compiled when it is installed, since
 * it is published without binaries.
 */
export function addNativePackage(checkout: string): void {
  const ours = readLock(CHECKOUT).packages;
  const wanted = ["hnswlib-node", "bindings", "file-uri-to-path", "node-addon-api"].map(
    (name) => `node_modules/${name}`,
  );
  const lock = readLock(checkout);
  for (const path of wanted) {
    const entry = ours[path];
    if (entry === undefined) throw new Error(`the lock of this checkout has no ${path}`);
    lock.packages[path] = entry;
  }
  const optionalDependencies = { "hnswlib-node": ours["node_modules/hnswlib-node"]?.["version"] };
  lock.packages["cli"] = { ...lock.packages["cli"], optionalDependencies };
  writeJson(join(checkout, "package-lock.json"), lock);
  writeJson(join(checkout, "cli/package.json"), { ...CLI_PACKAGE, optionalDependencies });
  writeJson(join(checkout, "package.json"), { ...PACKAGE, allowScripts: { "hnswlib-node": true } });
}

interface Lock {
  readonly packages: Record<string, Record<string, unknown>>;
}

function readLock(checkout: string): Lock {
  return JSON.parse(readFileSync(join(checkout, "package-lock.json"), "utf8"));
}
