import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { runCommand } from "../host/run.ts";

/** Packages that npm compiles where it installs them, and what is without one. */
const COMPILED: Readonly<Record<string, string>> = {
  "hnswlib-node": "search compares every vector",
};
/** Debian's names of its compilers, by Node's name of the architecture. */
const COMPILERS: Readonly<Record<string, string>> = { arm64: "aarch64-linux-gnu", x64: "x86_64-linux-gnu" };
/** 15 s on two cores; the limit is for a machine that does other work. */
const COMPILE_TIMEOUT_MS = 10 * 60_000;
const ASK_TIMEOUT_MS = 10_000;
const RECORD = join("node_modules", ".package-lock.json");
const recordSchema = z.looseObject({ packages: z.record(z.string(), z.unknown()).default({}) });

export interface Compiler {
  /** What its programs' names begin with: "aarch64-linux-gnu". */
  readonly prefix: string;
  /** As it names itself and its version. */
  readonly version: string;
}

/** A C++ compiler for another architecture; null when none is on PATH. */
export async function findCompiler(architecture: string, signal: AbortSignal): Promise<Compiler | null> {
  const prefix = COMPILERS[architecture];
  if (prefix === undefined) return null;
  try {
    const options = { purpose: "No compiler", timeoutMs: ASK_TIMEOUT_MS, signal };
    const { stdout } = await runCommand([`${prefix}-g++`, "--version"], options);
    return { prefix, version: stdout.split("\n")[0] ?? "" };
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

/** Of a folder in which npm installed: one line for each compiled package that is not there. */
export function leftOut(root: string, lock: string): readonly string[] {
  const { packages } = recordSchema.parse(JSON.parse(lock));
  return Object.entries(COMPILED)
    .filter(([name]) => `node_modules/${name}` in packages && !existsSync(join(root, "node_modules", name)))
    .map(([name, without]) => `${name}: ${without}`);
}

export interface Compiling {
  readonly architecture: string;
  /** From `findCompiler`. */
  readonly compiler: Compiler | null;
  /** The toolchain here, whose npm brings node-gyp, and that of the target with the headers of its Node. */
  readonly npm: string;
  readonly headers: string;
}

/**
 * Compiles them in a folder where npm installed without scripts, or takes them out of it, and out of npm's record: as an optional package that could not
 * be compiled is left out by npm itself.
 */
export async function compilePackages(
  root: string,
  { architecture, compiler, npm, headers }: Compiling,
  progress: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  for (const name of Object.keys(COMPILED)) {
    const folder = join(root, "node_modules", name);
    if (!existsSync(folder)) continue;
    try {
      if (compiler === null) throw new Error(`no C++ compiler for ${architecture} is here`);
      const { prefix } = compiler;
      progress(`compiling ${name} for ${architecture}`);
      const gyp = join(npm, "node_modules/npm/node_modules/node-gyp/bin/node-gyp.js");
      await runCommand([process.execPath, gyp, "rebuild", `--arch=${architecture}`, `--nodedir=${headers}`], {
        purpose: `${name} could not be compiled for ${architecture}`,
        timeoutMs: COMPILE_TIMEOUT_MS,
        cwd: folder,
        environment: { CC: `${prefix}-gcc`, CXX: `${prefix}-g++`, AR: `${prefix}-ar`, LINK: `${prefix}-g++` },
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      progress(`${name} is left out: ${error instanceof Error ? error.message : String(error)}`);
      rmSync(folder, { recursive: true });
      const record = recordSchema.parse(JSON.parse(readFileSync(join(root, RECORD), "utf8")));
      delete record.packages[`node_modules/${name}`];
      writeFileSync(join(root, RECORD), `${JSON.stringify(record, null, 2)}\n`);
    }
  }
}
