import { join } from "node:path";
import { ensureDir, writeOwnedFile } from "../../host/files.ts";
import { getService, SERVICES } from "../../services/index.ts";
import type { ServiceDef } from "../../services/service-def.ts";
import type { InnerNetwork } from "../../state/inner-network.ts";
import { findInstance } from "../../state/instance.ts";
import { writeFileAtomic } from "../../state/write-file-atomic.ts";
import { baseEnvironment } from "../embedded/build-launch.ts";
import { NO_INSTANCE } from "../embedded/layout.ts";
import { digestFiles } from "../embedded/service-files.ts";
import { entryPath } from "../embedded/staging/cache-entry.ts";
import { getRecipe } from "../embedded/staging/index.ts";
import { digestOf } from "../embedded/staging/tree-hash.ts";
import type { DriverFoundation } from "../index.ts";
import { CADDY_FILES, caddyEnvironment, caddyFiles } from "./caddy-files.ts";
import { imageReferences } from "./container-images.ts";
import { containerContext, filesOf } from "./container-layout.ts";
import { readLock } from "./image-lock.ts";
import { publishedPorts } from "./published-ports.ts";
import { innerNetworkOf } from "./subnet.ts";

/** Names in compose.yaml: the services, and the proxy before them. */
export const CONTAINERS = ["postgres", "directus", "rag", "portal", "caddy"] as const;
export type ContainerName = (typeof CONTAINERS)[number];

/** One instance as Compose knows it. */
export interface Project {
  /** Compose's project name: unique on this machine, whatever the instance is called. */
  readonly name: string;
  readonly inner: InnerNetwork;
  /** Begins every `docker …` that concerns the project. */
  readonly argv: readonly string[];
  /** The same for a compose file on stdin that needs no variables any more. */
  readonly resolvedArgv: readonly string[];
  /**
   * Digest of all that a container runs on: name of its image, environment, files by content. The image's id is not in it: it is known after the
   * first pull only, and a step whose inputs change while it runs would look pending for ever. `imageOf` has it.
   */
  inputHash(name: ContainerName): string;
  /** Id of the image that is locked for a container; null before its first pull. */
  imageOf(name: ContainerName): string | null;
  /** Value of each variable of compose.yaml. */
  variables(): Readonly<Record<string, string>>;
}

const EXTENSION_STAGE = { hasServiceUser: true } as const;

/** The project of the instance; before `init`, of one that does not exist yet. Chooses its network, and records it once there is an instance. */
export function projectOf(foundation: DriverFoundation): Project {
  const { checkout, config, paths, secrets } = foundation;
  const instanceId = findInstance(paths.instance)?.instanceId ?? NO_INSTANCE;
  const inner = innerNetworkOf(paths, instanceId);
  const images = imageReferences(foundation);
  const extension = entryPath(config.cacheDir, getRecipe("extension").entry({ checkout, ...EXTENSION_STAGE }));
  const contextOf = (service: ServiceDef) => containerContext(foundation, service, inner);
  const name = `muster-${config.instance}-${instanceId.slice(0, 8)}`;
  const published = publishedPorts(config);
  const files = ["compose.yaml", ...published.composeFiles].map((file) => join(checkout, file));

  const inputHash = (container: ContainerName): string => {
    const parts = [images[container], extension];
    if (container === "caddy")
      return digestOf([...parts, JSON.stringify([caddyEnvironment(foundation), caddyFiles(foundation), published])]);
    const service = getService(container);
    const context = contextOf(service);
    return digestOf([
      ...parts,
      JSON.stringify([service.argv(context), service.environment(context)]),
      // Without what is read once, when the data folder is made: a new password must not replace the server.
      digestFiles(service.files, context, secrets),
    ]);
  };

  const compose = ["compose", "--project-name", name, "--project-directory", checkout];

  return {
    name,
    inner,
    argv: [...compose, "--env-file", join(paths.run, "compose.env"), ...files.flatMap((file) => ["--file", file])],
    resolvedArgv: [...compose, "--file", "-"],
    inputHash,
    imageOf: (container) => readLock(paths.imageLock)[images[container]]?.id ?? null,
    variables: () => ({
      ELK_OS_INSTANCE_ID: instanceId,
      ELK_OS_RUN_DIR: paths.run,
      ELK_OS_REPORT_DIR: paths.data,
      ELK_OS_CADDY_DIR: join(paths.root, "caddy"),
      ELK_OS_EXTENSION_DIR: extension,
      ELK_OS_MEMORY_DIR: join(checkout, "memory"),
      ELK_OS_LOG_DIR: join(checkout, "log"),
      ELK_OS_DOCS_DIR: join(checkout, "docs"),
      ELK_OS_CONSTITUTION_FILE: join(checkout, "CLAUDE.md"),
      ELK_OS_SUBNET: inner.subnet,
      ELK_OS_LIMIT_POSTGRES_MB: String(config.limitPostgresMb),
      ELK_OS_LIMIT_DIRECTUS_MB: String(config.limitDirectusMb),
      ELK_OS_LIMIT_RAG_MB: String(config.limitRagMb),
      ELK_OS_LIMIT_PORTAL_MB: String(config.limitPortalMb),
      ELK_OS_LIMIT_CADDY_MB: String(config.limitCaddyMb),
      ELK_OS_CGROUP_PARENT: config.cgroupParent ?? "",
      ELK_OS_POSTGRES_PORT: String(config.postgresPort),
      ELK_OS_DIRECTUS_PORT: String(config.directusPort),
      ELK_OS_RAG_PORT: String(config.ragPort),
      ELK_OS_PORTAL_PORT: String(config.portalPort),
      ...published.variables,
      ...Object.fromEntries(
        CONTAINERS.flatMap((container) => [
          [`ELK_OS_IMAGE_${container.toUpperCase()}`, images[container]],
          [`ELK_OS_ADDRESS_${container.toUpperCase()}`, inner.addresses[container]],
          [`ELK_OS_INPUT_${container.toUpperCase()}`, inputHash(container)],
        ]),
      ),
    }),
  };
}

/** Postgres makes its data folder in the container itself, and then still asks for the superuser's password file. */
export function mountedFiles(service: ServiceDef): ServiceDef["files"] {
  return service.id === "postgres" ? { ...service.files, ...service.installFiles } : service.files;
}

/** Writes what Compose reads: the variables, and each service's environment. Nothing of it is secret. */
export function writeProjectFiles(foundation: DriverFoundation, project: Project): void {
  const { paths } = foundation;
  ensureDir(paths.run, { mode: 0o711, owner: null });
  for (const service of SERVICES) {
    const context = containerContext(foundation, service, project.inner);
    ensureDir(filesOf(foundation, service.id), { mode: 0o700, owner: null });
    // PATH is the image's own.
    const { PATH: _path, ...base } = baseEnvironment(context);
    const environment = toEnvFile({ ...base, ...service.environment(context) });
    writeFileAtomic(join(filesOf(foundation, service.id), "environment"), environment, 0o644);
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
