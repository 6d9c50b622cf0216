import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Progress } from "../drivers/driver.ts";
import { entryPath } from "../drivers/embedded/staging/cache-entry.ts";
import { fileDigest } from "../host/file-digest.ts";
import { SERVICE_IDS } from "../services/service-def.ts";
import type { Stack } from "../stack/stack.ts";
import { syncFolder } from "../state/write-file-atomic.ts";
import type { Source } from "./bundle-source.ts";
import { readImageLicences } from "./image-licences.ts";
import { type Licensed, readLicences, renderLicences } from "./licences.ts";
import { thisMachine } from "./machine.ts";
import { BUNDLE, FORMAT, IMAGES, MANIFEST, MANIFEST_SUM, type Manifest, RELEASE } from "./manifest.ts";
import { sumLine } from "./open-bundle.ts";
import { pack } from "./pack.ts";
import { packagesHash, shippedPackages } from "./shipped-packages.ts";
import { writeArchive } from "./write-archive.ts";

export interface Exported {
  readonly archive: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Folder that it unpacks to. */
  readonly root: string;
  readonly manifest: Manifest;
}

type ExportedStack = Pick<Stack, "checkout" | "config" | "driver" | "version">;

/** Where the record of installed packages lies below whatever npm installed into. */
const INSTALLED = join("node_modules", ".package-lock.json");

/**
 * Packs the checkout at its commit with all that it needs to run, staging first what is not there. `target` is a file, or a folder for a file named by
 * release and machine. A killed export leaves `FILE.partial`, which the next one to that file removes.
 */
export async function exportBundle(
  stack: ExportedStack,
  source: Source,
  target: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<Exported> {
  for (const service of SERVICE_IDS) {
    await stack.driver.stage(service, (line) => progress(`${service}: ${line}`), signal);
  }
  const machine = thisMachine();
  const root = `muster-${stack.version}-${source.commit.slice(0, 12)}-linux-${machine.architecture}`;
  const archive = isFolder(target) ? join(target, `${root}.tar`) : target;
  const work = `${archive}.partial`;
  rmSync(work, { recursive: true, force: true });
  try {
    const tree = join(work, root);
    mkdirSync(join(tree, BUNDLE), { recursive: true });
    const { entries, licences } = await packAll(stack, source, { tree, work }, progress, signal);
    const images = [...(await stack.driver.saveImages(join(tree, IMAGES), progress, signal))];
    licences.push(...(await readImageLicences(stack.driver, images, work, signal)));
    writeFileSync(join(tree, BUNDLE, "licences.txt"), renderLicences(licences));
    const files: Record<string, string> = {};
    for (const name of readdirSync(join(tree, BUNDLE)).sort()) {
      files[`${BUNDLE}/${name}`] = await fileDigest(join(tree, BUNDLE, name));
    }
    const { version, driver } = stack;
    const { commit } = source;
    const manifest: Manifest = {
      format: FORMAT,
      version,
      commit,
      ...machine,
      node: process.versions.node,
      driver: driver.id,
      entries,
      images,
      files,
    };
    const text = `${JSON.stringify(manifest, null, 2)}\n`;
    writeFileSync(join(tree, MANIFEST), text);
    writeFileSync(join(tree, MANIFEST_SUM), sumLine(text));
    writeFileSync(join(tree, RELEASE), `${JSON.stringify({ version, commit }, null, 2)}\n`);
    progress("putting the archive together");
    const draft = join(work, "archive.tar");
    const sha256 = await writeArchive({ draft, work, root, checkout: stack.checkout, commit }, signal);
    renameSync(draft, archive);
    syncFolder(dirname(archive));
    return { archive, sha256, bytes: statSync(archive).size, root, manifest };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Fills `bundle/` and answers with what of it goes into a cache, and whose licences all that has. */
async function packAll(
  { checkout, config, driver }: ExportedStack,
  { toolchain, installed }: Source,
  { tree, work }: { readonly tree: string; readonly work: string },
  progress: Progress,
  signal: AbortSignal,
): Promise<{ entries: Manifest["entries"]; licences: Licensed[] }> {
  const bundled = (name: string) => join(tree, BUNDLE, name);
  const packages = shippedPackages(installed);

  progress("packing Node and npm");
  // Both are of this machine: that the toolchain is whole, and where its npm keeps its settings.
  const ofMachine = ["--exclude=./.complete", "--exclude=./.globalconfig"];
  await pack(bundled(`toolchain-${process.arch}.tar.gz`), [...ofMachine, "-C", toolchain, "."], signal);

  progress(`packing ${packages.all.length} packages`);
  const list = join(work, "packages");
  writeFileSync(list, `${packages.tops.join("\n")}\n`);
  mkdirSync(join(work, "node_modules"));
  writeFileSync(join(work, INSTALLED), packages.record);
  const listed = ["-C", checkout, "--verbatim-files-from", `--files-from=${list}`, "-C", work, INSTALLED];
  await pack(bundled(`packages-${packagesHash(checkout)}.tar.gz`), listed, signal);

  // Where the launcher fetched these two without an npm, there is no record of them.
  const tools = new Set([...installedBelow(toolchain), "node_modules/npm", `node_modules/node-linux-${process.arch}`]);
  const licences = [...readLicences(checkout, packages.all), ...readLicences(toolchain, [...tools])];
  const entries: Manifest["entries"] = [];
  for (const { name, key, proof } of driver.entries()) {
    progress(`packing ${name}`);
    const folder = entryPath(config.cacheDir, { name, key });
    const file = `${basename(folder)}.tar.gz`;
    await pack(bundled(file), ["--exclude=./.elk-os-complete", "-C", folder, "."], signal);
    licences.push(...readLicences(folder, installedBelow(folder)));
    entries.push({ name, key, proof: [...proof], file: `${BUNDLE}/${file}` });
  }
  return { entries, licences };
}

/** Packages that npm recorded there; none where a folder is copied or built, as its packages are the checkout's. */
function installedBelow(folder: string): readonly string[] {
  const record = join(folder, INSTALLED);
  return existsSync(record) ? shippedPackages(readFileSync(record, "utf8")).all : [];
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
