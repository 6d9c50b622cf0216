/** The machine's tools but those that a fresh one lacks. */
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

/** With one of these it could get or make something by itself. */
const ABSENT = /^(node|npm|npx|corepack|git|curl|wget|make|python.*|(.*-)?(gcc|g\+\+|cc|c\+\+|clang|ld)(-[\d.]+)?)$/;

/** Makes `folder` and links them into it; answers it, a whole PATH. `but`: those that the caller puts there. */
export function bareMachine(folder: string, but: readonly string[] = []): string {
  mkdirSync(folder);
  const seen = new Set(but);
  for (const place of ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]) {
    for (const name of readdirSync(place)) {
      if (ABSENT.test(name) || seen.has(name)) continue;
      seen.add(name);
      symlinkSync(join(place, name), join(folder, name));
    }
  }
  return folder;
}
