/** Debian's C++ compiler for arm64, unpacked and never installed: its programs under their names, told where their headers and libraries lie. */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureUnpacked } from "../../../scripts/engine/packages.ts";
import { enginePlace } from "../../../scripts/engine/place.ts";

const TRIPLET = "aarch64-linux-gnu";
const DEBIAN = {
  bookworm: [
    ...["binutils", "cpp-12", "gcc-12", "g++-12"].map((name) => `${name}-${TRIPLET}`),
    ...["libc6", "libc6-dev", "linux-libc-dev", "libstdc++6", "libstdc++-12-dev", "libgcc-s1", "libgcc-12-dev"].map(
      (name) => `${name}-arm64-cross`,
    ),
    ...["libisl23", "libmpc3", "libmpfr6"],
  ],
};
/** What they are called where Debian's g++-aarch64-linux-gnu is installed, and what they are in its packages. */
const PROGRAMS = { gcc: "gcc-12", "g++": "g++-12", ar: "ar" };

/** Writes them into `folder`, an existing one for PATH. @throws Error when Debian's packages cannot be had */
export function layOutCompiler(folder: string): void {
  const root = join(ensureUnpacked(enginePlace(), DEBIAN).folder, "root");
  const libraries = readdirSync(join(root, "usr/lib"))
    .map((name) => join(root, "usr/lib", name))
    .filter((path) => path.endsWith("-linux-gnu") && existsSync(path));
  for (const [name, program] of Object.entries(PROGRAMS)) {
    const path = join(root, "usr/bin", `${TRIPLET}-${program}`);
    const place = name === "ar" ? "" : ` '--sysroot=${root}'`;
    const script = `#!/bin/sh\nLD_LIBRARY_PATH='${libraries.join(":")}' exec '${path}'${place} "$@"\n`;
    writeFileSync(join(folder, `${TRIPLET}-${name}`), script, { mode: 0o755 });
  }
}
