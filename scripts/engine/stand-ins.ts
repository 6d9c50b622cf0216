/**
 * Base images under their upstream names for a machine without an image registry: Debian by debootstrap, and on it the same programs
 * from npm and Debian packages, behind the upstream contract (entrypoint, variables, user, ports, paths). docs/compose.md lists what they
 * do not prove.
 */
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { loadConfig } from "../../cli/src/config/load.ts";
import { ensureEntry, entryPath } from "../../cli/src/drivers/embedded/staging/cache-entry.ts";
import { getRecipe } from "../../cli/src/drivers/embedded/staging/index.ts";
import { run, say, tryRun, unmountBelow } from "./command.ts";
import { debianMirror } from "./packages.ts";
import { type EnginePlace, engineEnvironment } from "./place.ts";

const FOLDER = join(import.meta.dirname, "stand-ins");
const CHECKOUT = resolve(import.meta.dirname, "..", "..");
const DEBIAN = "elk-os-stand-in/debian:bookworm";
/** Upstream's images carry these too (Caddy's has busybox); libcap2-bin is for setcap while the image is made. */
const INCLUDED = "busybox-static,ca-certificates,libcap2-bin,libicu72,libxml2,tzdata";
const LABEL = "io.muster.stand-in";

interface StandIn {
  readonly name: string;
  readonly tag: string;
  readonly base: string;
  /** Lays the build context out. */
  readonly context: (folder: string) => Promise<void>;
  /** What the image is made of, besides the Dockerfile and its base. */
  readonly inputs: () => readonly string[];
}

/** Makes what is missing or older than its inputs; answers the names that were made. */
export async function ensureStandIns(place: EnginePlace): Promise<readonly string[]> {
  const environment = engineEnvironment(place);
  const made: string[] = [];
  const debian = fingerprint([INCLUDED, readFileSync(join(FOLDER, "debian.Dockerfile"), "utf8")]);
  if (labelOf(DEBIAN, environment) !== debian) {
    const work = emptyFolder(place, "debian.tmp");
    say("making a Debian 12 base with debootstrap");
    const words = ["--variant=minbase", `--include=${INCLUDED}`, "bookworm", join(work, "rootfs"), debianMirror()];
    const program = realpathSync(join(place.bin, "debootstrap"));
    run(program, words, {
      // Unpacked and not installed, it does not find its scripts by itself; nothing of what it makes must survive a power cut.
      environment: { DEBOOTSTRAP_DIR: join(program, "../../share/debootstrap"), DPKG_FORCE: "unsafe-io" },
    });
    for (const path of ["var/cache/apt/archives", "var/lib/apt/lists"])
      rmSync(join(work, "rootfs", path), { recursive: true, force: true });
    build({ tag: DEBIAN, file: "debian.Dockerfile", context: work, label: debian, environment });
    rmSync(work, { recursive: true, force: true });
    made.push(DEBIAN);
  }
  for (const image of await standIns(place)) {
    const file = `${image.name}.Dockerfile`;
    const label = fingerprint([
      readFileSync(join(FOLDER, file), "utf8"),
      idOf(image.base, environment),
      ...image.inputs(),
    ]);
    if (labelOf(image.tag, environment) === label) continue;
    say(`making ${image.tag}`);
    const work = emptyFolder(place, `${image.name}.tmp`);
    await image.context(work);
    build({ tag: image.tag, file, context: work, label, environment, base: image.base });
    rmSync(work, { recursive: true, force: true });
    made.push(image.tag);
  }
  return made;
}

async function standIns(place: EnginePlace): Promise<readonly StandIn[]> {
  const { cacheDir, imageNode, imagePostgres, imageDirectus, imageCaddy } = loadConfig({ checkout: CHECKOUT }).value;
  const stage = { checkout: CHECKOUT, hasServiceUser: true };
  const signal = new AbortController().signal;
  const staged = async (id: "postgres" | "directus-runtime") => {
    const entry = getRecipe(id).entry(stage);
    await ensureEntry(cacheDir, entry, say, signal);
    return entryPath(cacheDir, entry);
  };
  const script = (name: string) => readFileSync(join(FOLDER, name), "utf8");
  const entrypoint = (folder: string, name: string) => cpSync(join(FOLDER, name), join(folder, "docker-entrypoint.sh"));
  const postgres = await staged("postgres");
  const runtime = await staged("directus-runtime");
  const isReady = realpathSync(join(place.bin, "pg_isready"));
  const caddy = realpathSync(join(place.bin, "caddy"));
  return [
    {
      name: "node",
      tag: imageNode,
      base: DEBIAN,
      inputs: () => [process.version, process.arch, script("node-entrypoint.sh")],
      async context(folder) {
        cpSync(realpathSync(process.execPath), join(folder, "node"));
        entrypoint(folder, "node-entrypoint.sh");
      },
    },
    {
      name: "postgres",
      tag: imagePostgres,
      base: DEBIAN,
      inputs: () => [postgres, isReady, script("postgres-entrypoint.sh")],
      async context(folder) {
        cpSync(postgres, join(folder, "postgres"), { recursive: true, verbatimSymlinks: true });
        cpSync(isReady, join(folder, "pg_isready"));
        entrypoint(folder, "postgres-entrypoint.sh");
      },
    },
    {
      name: "directus",
      tag: imageDirectus,
      base: imageNode,
      inputs: () => [runtime],
      async context(folder) {
        linkTree(runtime, join(folder, "runtime"));
      },
    },
    {
      name: "caddy",
      tag: imageCaddy,
      base: DEBIAN,
      inputs: () => [caddy],
      async context(folder) {
        cpSync(caddy, join(folder, "caddy"));
      },
    },
  ];
}

/** A debootstrap that was killed leaves /proc mounted in its folder: unmounted first, or removing the folder would walk into it. */
function emptyFolder(place: EnginePlace, name: string): string {
  const folder = join(place.root, name);
  unmountBelow(folder);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Hard links where the file system allows it: a runtime of a thousand packages is sent to the builder without a copy on disk. */
function linkTree(from: string, to: string): void {
  if (tryRun("cp", ["-al", from, to]) !== null) return;
  rmSync(to, { recursive: true, force: true });
  run("cp", ["-a", from, to]);
}

function build(input: {
  readonly tag: string;
  readonly file: string;
  readonly context: string;
  readonly label: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly base?: string;
}): void {
  const { tag, file, context, label, environment, base } = input;
  const options = ["--network=none", "--tag", tag, "--label", `${LABEL}=${label}`, "--file", join(FOLDER, file)];
  if (base !== undefined) options.push("--build-arg", `BASE=${base}`);
  run("docker", ["build", "--quiet", ...options, context], { environment });
}

function labelOf(tag: string, environment: Readonly<Record<string, string>>): string | null {
  const format = `{{index .Config.Labels "${LABEL}"}}`;
  return tryRun("docker", ["image", "inspect", "--format", format, tag], { environment })?.trim() ?? null;
}

function idOf(tag: string, environment: Readonly<Record<string, string>>): string {
  return run("docker", ["image", "inspect", "--format", "{{.Id}}", tag], { environment }).trim();
}

function fingerprint(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}
