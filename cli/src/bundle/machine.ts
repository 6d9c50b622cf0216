import { CliError } from "../errors/cli-error.ts";
import type { Machine, Manifest } from "./manifest.ts";

/** Here, as the running Node says it. Only glibc is named in its report, so without that it is taken for musl. */
export function thisMachine(): Machine {
  // With its sockets the report asks for the name of every peer, which hangs where no name server answers.
  Object.assign(process.report, { excludeNetwork: true });
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  const libcVersion = header.glibcVersionRuntime ?? null;
  return { architecture: process.arch, libc: libcVersion === null ? "musl" : "glibc", libcVersion };
}

/** Programs of a newer glibc do not load on an older one; the other way round they do. Pure. @throws CliError BUNDLE_FOREIGN */
export function assertFits(bundle: Machine & Pick<Manifest, "node">, here: Machine, node: string): void {
  const problems = [
    ...(bundle.architecture === here.architecture
      ? []
      : [`it is for ${bundle.architecture}, and this machine is ${here.architecture}`]),
    ...(bundle.libc === here.libc ? [] : [`it is for ${bundle.libc}, and this machine has ${here.libc}`]),
    ...(bundle.libc === here.libc && isOlder(here.libcVersion, bundle.libcVersion)
      ? [`it was built against ${bundle.libc} ${bundle.libcVersion}, and this machine has ${here.libcVersion}`]
      : []),
    ...(bundle.node === node ? [] : [`it was built by Node ${bundle.node}, and this is Node ${node}`]),
  ];
  if (problems.length === 0) return;
  throw new CliError("BUNDLE_FOREIGN", {
    message: `This bundle cannot be used here: ${problems.join("; ")}. Nothing was changed.`,
    hint:
      bundle.architecture === here.architecture && bundle.libc === here.libc && bundle.node !== node
        ? "Unset ELK_OS_NODE and run the bin/elk-os that the bundle unpacks to: it brings its Node."
        : `Export one for it: elk-os bundle export FILE --arch ${here.architecture}, or on a machine of this kind.`,
    facts: { bundle, here: { ...here, node } },
  });
}

/** Compares as numbers: glibc 2.9 is older than 2.36. A version that nobody said is no reason to refuse. */
function isOlder(version: string | null, than: string | null): boolean {
  if (version === null || than === null) return false;
  return version.localeCompare(than, "en", { numeric: true }) < 0;
}
