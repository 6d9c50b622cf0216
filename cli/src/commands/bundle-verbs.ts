import { resolve } from "node:path";
import { assertBundled } from "../bundle/bundle-source.ts";
import { exportBundle } from "../bundle/export-bundle.ts";
import { importBundle } from "../bundle/import-bundle.ts";
import { EXIT } from "../errors/catalog.ts";
import { counted } from "../output/counted.ts";
import { withStack } from "../stack/open-stack.ts";
import type { Command } from "./command.ts";
import { DRIVER_OPTION } from "./phase-options.ts";
import { assertNoObstacles, STAGING_CHECKS } from "./preflight.ts";

const MEGABYTE = 1_000_000;
/** Those for which bin/toolchain pins a Node. */
const ARCHITECTURES = ["arm64", "x64"];

export const bundleExport: Command = {
  name: "bundle export",
  summary: "Pack this release with all that it runs on, for machines without a network",
  help: `One plain tar for one architecture and libc: the files of the commit, the pinned Node and npm, the packages, and what \`stage\` makes (Directus, the
built portal, search with its model, the extension, Postgres), each with its digest, and the licences of all of it. What is not staged is staged first. It
holds no setting, no secret and no row. FILE is a name of yours, or a folder.

With --arch it is for another architecture than this machine's, from what npm has for that by the same locks; the portal is built here. What npm would
compile there is compiled by Debian's cross compiler (g++-aarch64-linux-gnu) where that is installed, and else left out, which it says. A program of
another architecture in what is packed is refused.

  elk-os bundle export /media/usb
  elk-os bundle export /media/usb --arch arm64`,
  arguments: [{ name: "<file>", description: "the archive to write, or a folder for it" }],
  options: [
    DRIVER_OPTION,
    {
      flags: "--arch <name>",
      description: "for machines of this architecture; default this one's",
      choices: ARCHITECTURES,
    },
  ],
  run: ({ args, options, loaded, reporter, signal }) =>
    withStack(loaded, async (stack) => {
      const architecture = options["arch"]?.toString() ?? process.arch;
      const target = resolve(args[0] ?? "");
      const source = await assertBundled(stack, signal);
      await assertNoObstacles(stack, signal, STAGING_CHECKS);
      const made = await exportBundle(stack, source, target, reporter.note, signal, architecture);
      const { archive, sha256, bytes, root, manifest } = made;
      return {
        exit: EXIT.ok,
        data: { ok: true, changed: 1, archive, sha256, bytes, root, manifest },
        lines: [
          archive,
          `sha256  ${sha256}`,
          `size    ${Math.ceil(bytes / MEGABYTE)} MB`,
          ...manifest.leftOut.map((line) => `without ${line}`),
          `there   tar -xf FILE && ${root}/bin/elk-os bundle import FILE && ${root}/bin/elk-os up`,
        ],
      };
    }),
};

export const bundleImport: Command = {
  name: "bundle import",
  summary: "Compare a bundle with what was exported, and put what it holds into the cache",
  help: `On a machine without a network: unpack the archive with tar, run the bin/elk-os in it, then \`up\`. The launcher takes Node and the packages from the
folder that was unpacked. Every byte is compared before the first write; each part is in the cache whole or not at all, and a second run goes on.
Refused: another architecture, another or older libc, another release than this checkout.

  tar -xf FILE && muster-…/bin/elk-os bundle import FILE && muster-…/bin/elk-os up

Without FILE it takes what the checkout itself was unpacked with, and compares that only.`,
  arguments: [{ name: "[file]", description: "an archive, or a folder that one was unpacked to" }],
  options: [DRIVER_OPTION],
  run: ({ args, loaded, reporter, signal }) =>
    withStack(loaded, async ({ checkout, config, driver }) => {
      const path = args[0] === undefined ? checkout : resolve(args[0]);
      const { cacheDir } = config;
      const { manifest, made } = await importBundle({ path, cacheDir, driver }, reporter.note, signal);
      const { version, commit, entries } = manifest;
      return {
        exit: EXIT.ok,
        data: { ok: true, changed: made.length, made, cacheDir, version, commit },
        lines: [
          made.length === 0
            ? `all ${counted(entries.length, "part")} of ${version} were there`
            : `${counted(made.length, "part")} of ${version} put into ${cacheDir}`,
          "next: elk-os up",
        ],
      };
    }),
};
