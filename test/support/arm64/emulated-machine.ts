/**
 * A machine that takes itself for arm64, as far as this kernel can pretend: `uname` says so, and whatever program of arm64 is started, by whomever, runs
 * under the emulator. Debian's proot sees to that without binfmt_misc; programs of this machine run as they are.
 */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureUnpacked } from "../../../scripts/engine/packages.ts";
import { enginePlace } from "../../../scripts/engine/place.ts";
import { bareMachine } from "../bare-machine.ts";
import type { Emulator } from "./emulator.ts";

const DEBIAN = { bookworm: ["proot", "libtalloc2"] } as const;
const UNAME = `#!/bin/sh
case " $* " in
*" -m "*) echo aarch64 ;;
*) exec /bin/uname "$@" ;;
esac
`;

export interface EmulatedMachine {
  /** The whole PATH there. */
  readonly path: string;
  /** What stands before a command, behind `env`. */
  readonly command: readonly string[];
}

/** `folder`: a new one of the test, for its tools. @throws Error when Debian's packages cannot be had */
export function emulateMachine({ command }: Pick<Emulator, "command">, folder: string): EmulatedMachine {
  const root = join(ensureUnpacked(enginePlace(), DEBIAN).folder, "root");
  const [libraries = ""] = readdirSync(join(root, "usr/lib")).filter((name) => name.endsWith("-linux-gnu"));
  const path = bareMachine(folder, ["uname"]);
  writeFileSync(join(path, "uname"), UNAME, { mode: 0o755 });
  const proot = [join(root, "usr/bin/proot"), "-q", command.join(" ")];
  return { path, command: [`LD_LIBRARY_PATH=${join(root, "usr/lib", libraries)}`, ...proot] };
}
