/**
 * A `docker` on PATH that knows images and nothing else: for what an engine says only when something is wrong with it, or with a registry. It writes down
 * what it was asked. What a real engine does: test/compose.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished, vi } from "vitest";
import type { Image } from "../../cli/src/drivers/compose/judge-image.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** By reference. */
type Images = Readonly<Record<string, Image>>;

export interface StandInDocker {
  /** What it was asked so far, one line a call. */
  calls(): readonly string[];
  /** Names of what the engine holds, as files: "x_1" of "x:1". */
  held(): readonly string[];
  /** All that the engine holds from now on. */
  hold(images: Images): void;
  /** All that the registry gives from now on. */
  offer(images: Images): void;
  /** What the registry says stands under names from now on, byte for byte; of all others it says nothing. */
  name(manifests: Readonly<Record<string, string>>): void;
  /** What another instance has built by the time that a build of ours ends. */
  buildMeanwhile(images: Images): void;
  /** Images whose reference begins so cannot be built from now on. */
  breakBuildsOf(prefix: string): void;
}

/** An image is a file: its id, then what `image inspect` answers. A build is named after its process: two of one folder are two images to an engine, too. */
const PROGRAM = String.raw`
printf '%s\n' "$*" >> calls
refuse() { printf '%s\n' "$1" >&2; exit 1; }
for last; do :; done
name=$(printf %s "$last" | tr /:@ ___)
case "$1 $2" in
"image ls") [ ! -f "held/$name" ] || sed -n 1p "held/$name" ;;
"image inspect") sed -n 2p "$(grep -lx "$last" held/* | sed -n 1p)" ;;
"pull --quiet")
  [ -f "offered/$name" ] || refuse "manifest for $last not found: manifest unknown"
  cp "offered/$name" "held/$name" ;;
"buildx imagetools")
  [ -f "named/$name" ] || refuse "failed to resolve $last"
  cat "named/$name" ;;
"image tag") cp "held/$(printf %s "$3" | tr /:@ ___)" "held/$name" ;;
"image rm") rm "held/$name" ;;
"build --quiet")
  case "$4" in "$(cat broken)"*) refuse "failed to solve" ;; esac
  [ ! -e meanwhile ] || for other in meanwhile/*; do cp "$other" held/; done
  printf '%s\n[%s]\n' "sha256:built$$" "$(printf "$(cat built)" "sha256:built$$")" > "held/$(printf %s "$4" | tr /: __)" ;;
*) refuse "the stand-in was not made for: $*" ;;
esac
`;

/** Comes before any other `docker` until the test ends. */
export function standInDocker(): StandInDocker {
  const folder = temporaryFolder();
  const at = (...names: readonly string[]) => join(folder, ...names);
  const fileOf = (reference: string) => reference.replaceAll(/[/:@]/g, "_");
  const fill = (place: "held" | "offered" | "meanwhile", images: Images) => {
    rmSync(at(place), { recursive: true, force: true });
    mkdirSync(at(place));
    for (const [reference, image] of Object.entries(images))
      writeFileSync(at(place, fileOf(reference)), `${image.Id}\n${JSON.stringify([image])}\n`);
  };
  writeFileSync(at("docker"), `#!/bin/sh\ncd '${folder}' || exit 1\n${PROGRAM}`, { mode: 0o755 });
  writeFileSync(at("calls"), "");
  writeFileSync(at("broken"), "none");
  const built: Image = { Id: "%s", Architecture: process.arch === "x64" ? "amd64" : process.arch, Os: "linux" };
  writeFileSync(at("built"), JSON.stringify(built));
  fill("held", {});
  fill("offered", {});
  vi.stubEnv("PATH", `${folder}:${process.env["PATH"]}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  return {
    calls: () => readFileSync(at("calls"), "utf8").split("\n").slice(0, -1),
    held: () => readdirSync(at("held")).sort(),
    hold: (images) => fill("held", images),
    offer: (images) => fill("offered", images),
    buildMeanwhile: (images) => fill("meanwhile", images),
    name(manifests) {
      mkdirSync(at("named"), { recursive: true });
      for (const [name, text] of Object.entries(manifests)) writeFileSync(at("named", fileOf(name)), text);
    },
    breakBuildsOf: (prefix) => writeFileSync(at("broken"), prefix),
  };
}
