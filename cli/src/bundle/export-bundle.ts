import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Progress } from "../drivers/driver.ts";
import { fileDigest } from "../host/file-digest.ts";
import { syncFolder } from "../state/write-file-atomic.ts";
import type { Source } from "./bundle-source.ts";
import { leftOut } from "./compiled-packages.ts";
import { contentsFor, contentsHere, type ExportedStack } from "./contents.ts";
import { readImageLicences } from "./image-licences.ts";
import { renderLicences } from "./licences.ts";
import { BUNDLE, FORMAT, IMAGES, MANIFEST, MANIFEST_SUM, type Manifest, RELEASE } from "./manifest.ts";
import { sumLine } from "./open-bundle.ts";
import { packContents } from "./pack-contents.ts";
import { writeArchive } from "./write-archive.ts";

export interface Exported {
  readonly archive: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Folder that it unpacks to. */
  readonly root: string;
  readonly manifest: Manifest;
}

/**
 * Packs the checkout at its commit with all that it needs to run, staging first what is not there. `target` is a file, or a folder for a file named by
 * release and machine; `architecture` is Node's name of that machine's. A killed export leaves `FILE.partial`, which the next one to that file removes.
 */
export async function exportBundle(
  stack: ExportedStack,
  source: Source,
  target: string,
  progress: Progress,
  signal: AbortSignal,
  architecture: string = process.arch,
): Promise<Exported> {
  const contents =
    architecture === process.arch
      ? await contentsHere(stack, source, progress, signal)
      : await contentsFor(architecture, stack, source, progress, signal);
  const { machine } = contents;
  const { checkout, config } = stack;
  const root = `muster-${stack.version}-${source.commit.slice(0, 12)}-linux-${machine.architecture}`;
  const archive = isFolder(target) ? join(target, `${root}.tar`) : target;
  const work = `${archive}.partial`;
  rmSync(work, { recursive: true, force: true });
  try {
    const tree = join(work, root);
    mkdirSync(join(tree, BUNDLE), { recursive: true });
    const place = { checkout, cacheDir: config.cacheDir, contents, tree, work };
    const { entries, licences, glibc } = await packContents(place, progress, signal);
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
      libcVersion: machine.libcVersion ?? glibc,
      node: process.versions.node,
      driver: driver.id,
      leftOut: [...leftOut(contents.packages, readFileSync(join(checkout, "package-lock.json"), "utf8"))],
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
    const sha256 = await writeArchive({ draft, work, root, checkout, commit }, signal);
    renameSync(draft, archive);
    syncFolder(dirname(archive));
    return { archive, sha256, bytes: statSync(archive).size, root, manifest };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
