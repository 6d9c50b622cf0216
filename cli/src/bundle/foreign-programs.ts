import { closeSync, existsSync, lstatSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { elfArchitecture } from "../host/elf.ts";

/** What of some folders is for which machine. Paths are relative to the root that was looked at. */
export interface Programs {
  /** Files and folders for other systems, beside the same for the wanted one, which chooses between them when it runs. */
  readonly beside: readonly string[];
  /** Programs and libraries of another architecture that nothing stands beside. */
  readonly foreign: readonly { readonly path: string; readonly architecture: string }[];
  /** The newest glibc that one of the others asks for: "2.28"; null when none names any. */
  readonly glibc: string | null;
}

const ELF = Buffer.from("\x7fELF");
/** As npm packages name what they carry for several: prebuilds/darwin-arm64, oracledb-6.10.0-linux-x64.node. */
const SYSTEM =
  /(?:android|darwin|freebsd|ios|linux|linuxmusl|openbsd|win32)-(?:arm64|arm|ia32|loong64|ppc64|riscv64|s390x|x64)(?:-simulator)?/;
const GLIBC = Buffer.from("GLIBC_");
/** "2.28" behind it. */
const VERSION_BYTES = 8;

/** Walks files and folders below `root`, follows no link, and reads every ELF file. Paths as they are in `paths`, in order. */
export function findPrograms(root: string, paths: readonly string[], architecture: string): Programs {
  const beside: string[] = [];
  const foreign: Programs["foreign"][number][] = [];
  let glibc: string | null = null;
  const wanted = `linux-${architecture}`;
  const visit = (path: string, isFolder: boolean): void => {
    const system = SYSTEM.exec(path.slice(path.lastIndexOf("/") + 1))?.[0];
    if (system !== undefined && system !== wanted) {
      const at = path.lastIndexOf(system);
      if (existsSync(join(root, path.slice(0, at) + wanted + path.slice(at + system.length)))) {
        beside.push(path);
        return;
      }
    }
    if (isFolder) {
      for (const entry of readdirSync(join(root, path), { withFileTypes: true }))
        if (entry.isDirectory() || entry.isFile())
          visit(path === "" ? entry.name : `${path}/${entry.name}`, entry.isDirectory());
      return;
    }
    const file = join(root, path);
    if (!isElf(file)) return;
    const found = elfArchitecture(file);
    if (found === architecture) glibc = newer(glibc, glibcOf(readFileSync(file)));
    else foreign.push({ path, architecture: found });
  };
  for (const path of paths) {
    const kind = lstatSync(join(root, path));
    if (kind.isDirectory() || kind.isFile()) visit(path, kind.isDirectory());
  }
  return { beside, foreign, glibc };
}

function isElf(path: string): boolean {
  const file = openSync(path, "r");
  try {
    const head = Buffer.alloc(ELF.length);
    return readSync(file, head, 0, head.length, 0) === ELF.length && head.equals(ELF);
  } finally {
    closeSync(file);
  }
}

/** The newest version that the names of its symbols ask for. Pure. */
function glibcOf(program: Buffer): string | null {
  let newest: string | null = null;
  for (let at = program.indexOf(GLIBC); at >= 0; at = program.indexOf(GLIBC, at + 1)) {
    const behind = program.toString("latin1", at + GLIBC.length, at + GLIBC.length + VERSION_BYTES);
    newest = newer(newest, /^\d+\.\d+/.exec(behind)?.[0] ?? null);
  }
  return newest;
}

/** As numbers. */
export function newer(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return one.localeCompare(other, "en", { numeric: true }) < 0 ? other : one;
}
