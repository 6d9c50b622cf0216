import { join } from "node:path";
import { ensureDir, writeOwnedFile } from "../../host/files.ts";
import { servicesOf } from "../../services/index.ts";
import { writeFileAtomic } from "../../state/write-file-atomic.ts";
import { baseEnvironment } from "../embedded/build-launch.ts";
import type { DriverFoundation } from "../index.ts";
import { CADDY_FILES, caddyEnvironment, caddyFiles } from "./caddy-files.ts";
import { containerContext, filesOf } from "./container-layout.ts";
import { containerFor } from "./container-names.ts";
import type { Project } from "./project.ts";

/** Writes what Compose reads: the variables, and each service's environment. Nothing of it is secret. */
export function writeProjectFiles(foundation: DriverFoundation, project: Project): void {
  const { paths } = foundation;
  ensureDir(paths.run, { mode: 0o711, owner: null });
  for (const service of servicesOf(foundation.config)) {
    const context = containerContext(foundation, service, project.inner);
    const folder = filesOf(foundation, containerFor(service.id, foundation.config));
    ensureDir(folder, { mode: 0o700, owner: null });
    // PATH is the image's own.
    const { PATH: _path, ...base } = baseEnvironment(context);
    const environment = toEnvFile({ ...base, ...service.environment(context) });
    writeFileAtomic(join(folder, "environment"), environment, 0o644);
  }
  const caddy = filesOf(foundation, "caddy");
  ensureDir(caddy, { mode: 0o700, owner: null });
  writeFileAtomic(join(caddy, "environment"), toEnvFile(caddyEnvironment(foundation)), 0o644);
  const texts = caddyFiles(foundation);
  for (const file of CADDY_FILES) writeOwnedFile(join(caddy, file), texts[file], { mode: 0o644, owner: null });
  writeFileAtomic(join(paths.run, "compose.env"), toEnvFile(project.variables()), 0o644);
}

/** Compose reads what stands in single quotes as it is. @throws Error for a value that cannot stand there */
export function toEnvFile(values: Readonly<Record<string, string>>): string {
  const lines = Object.entries(values).map(([name, value]) => {
    if (/['\n]/.test(value))
      throw new Error(`${name} holds a quote or a line break, which an environment file cannot.`);
    return `${name}='${value}'`;
  });
  return `${lines.join("\n")}\n`;
}
