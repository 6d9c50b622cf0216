/** The embedded Postgres for arm64, laid out as `elk-os up` stages it, each of its programs a script that runs it under the emulator. */
import { mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { copyPrograms } from "../../../cli/src/drivers/embedded/staging/postgres-binaries.ts";
import type { Emulator } from "./emulator.ts";

/** Makes `folder` of `bin`, `lib` and `share`. Whoever runs them must be able to walk there. */
export function layOutPostgres(emulator: Emulator, folder: string): void {
  copyPrograms(join(emulator.postgresPackage, "native"), folder);
  wrapPrograms(emulator, folder);
}

/** In a folder that is laid out so already. */
export function wrapPrograms({ wrap }: Pick<Emulator, "wrap">, folder: string): void {
  const [scripts, programs] = [join(folder, "bin"), join(folder, "programs")];
  // Beside `lib` as before: they find their libraries by where they lie.
  renameSync(scripts, programs);
  mkdirSync(scripts);
  for (const name of readdirSync(programs)) wrap(join(scripts, name), join(programs, name));
}
