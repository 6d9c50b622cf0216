/**
 * A Docker engine for a Debian 12 machine that has none, unpacked and never installed. Debian 12's own engine is too old for
 * Compose v2; the newer one's programs run here, but its runc and packet filter ask for a newer libc, so these two are Debian 12's.
 */
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { run, say } from "./command.ts";
import type { EnginePlace } from "./place.ts";

/** Names by Debian suite. */
export type Packages = Readonly<Record<string, readonly string[]>>;

const PACKAGES: Packages = {
  trixie: ["docker.io", "docker-cli", "docker-compose", "docker-buildx", "containerd", "pebble", "tini"],
  forky: ["caddy"],
  bookworm: [
    "runc",
    "iptables",
    "libip4tc2",
    "libip6tc2",
    "libxtables12",
    "libnftnl11",
    "libnfnetlink0",
    "libnetfilter-conntrack3",
    "postgresql-client-15",
    "debootstrap",
  ],
};

/** The machine's own list, which names mirror and keys that work here. */
const SOURCES = "/etc/apt/sources.list.d/debian.sources";
const PLUGINS = ["docker-compose", "docker-buildx"];
/** Found through PATH by dockerd; the packet filter needs its own libraries beside it. */
const PROGRAMS = {
  "usr/bin": ["docker", "containerd", "containerd-shim-runc-v2", "docker-init", "caddy", "pebble"],
  // The npm package of Postgres has no client programs; this one speaks to every version.
  "usr/lib/postgresql/15/bin": ["pg_isready"],
  "usr/sbin": ["dockerd", "docker-proxy", "runc", "debootstrap"],
} as const;
const FILTERS = ["iptables", "ip6tables"];

/** The mirror that this machine takes Debian from. Throws an Error when its list names none. */
export function debianMirror(): string {
  const mirror = /^URIs:\s*(\S+)/m.exec(readFileSync(SOURCES, "utf8"))?.[1];
  if (mirror === undefined) throw new Error(`${SOURCES} names no mirror: it needs a line "URIs: …".`);
  return mirror;
}

/** Unpacks what is missing. True when anything was fetched. */
export function ensurePackages(place: EnginePlace): boolean {
  const { folder, isNew } = ensureUnpacked(place, PACKAGES);
  link(place, folder);
  return isNew;
}

/** The folder in whose `root` they lie, fetched when it is not there. @throws Error with what apt-get or dpkg said */
export function ensureUnpacked(
  place: Pick<EnginePlace, "packages">,
  packages: Packages,
): { readonly folder: string; readonly isNew: boolean } {
  const fingerprint = createHash("sha256").update(JSON.stringify(packages)).digest("hex").slice(0, 12);
  const folder = `${place.packages}-${fingerprint}`;
  const isNew = !existsSync(folder);
  if (isNew) unpack(folder, packages);
  return { folder, isNew };
}

function unpack(folder: string, packages: Packages): void {
  const work = `${folder}.tmp`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, "root"), { recursive: true });
  for (const [suite, names] of Object.entries(packages)) {
    say(`fetching ${names.join(", ")} of Debian ${suite}`);
    for (const deb of download(join(work, suite), suite, names)) run("dpkg", ["-x", deb, join(work, "root")]);
    rmSync(join(work, suite), { recursive: true });
  }
  renameSync(work, folder);
}

/** apt-get with lists of its own: nothing of the machine's package state is touched. */
function download(folder: string, suite: string, names: readonly string[]): readonly string[] {
  for (const name of ["parts", "lists/partial", "archives/partial"]) mkdirSync(join(folder, name), { recursive: true });
  const sources = readFileSync(SOURCES, "utf8")
    .replace(/ bookworm-updates\b/g, "")
    .replaceAll("bookworm", suite);
  writeFileSync(join(folder, "parts", "debian.sources"), sources);
  const options = [
    "Dir::Etc::sourcelist=/dev/null",
    `Dir::Etc::sourceparts=${folder}/parts`,
    `Dir::State::Lists=${folder}/lists`,
    `Dir::Cache::archives=${folder}/archives`,
    "Dir::Cache::pkgcache=",
    "Dir::Cache::srcpkgcache=",
    "APT::Sandbox::User=root",
  ].flatMap((option) => ["-o", option]);
  const archives = join(folder, "archives");
  run("apt-get", [...options, "update", "-q"]);
  run("apt-get", [...options, "download", "-q", ...names], { cwd: archives });
  return readdirSync(archives)
    .filter((name) => name.endsWith(".deb"))
    .map((name) => join(archives, name));
}

function link(place: EnginePlace, folder: string): void {
  const root = join(folder, "root");
  rmSync(place.bin, { recursive: true, force: true });
  rmSync(place.config, { recursive: true, force: true });
  mkdirSync(place.bin, { recursive: true });
  mkdirSync(join(place.config, "cli-plugins"), { recursive: true });
  for (const [where, names] of Object.entries(PROGRAMS))
    for (const name of names) symlinkSync(join(root, where, name), join(place.bin, name));
  for (const name of PLUGINS)
    symlinkSync(join(root, "usr/libexec/docker/cli-plugins", name), join(place.config, "cli-plugins", name));
  writeFileSync(join(place.config, "daemon.json"), "{}\n");
  const [libraries = ""] = readdirSync(join(root, "usr/lib")).filter((name) => name.endsWith("-linux-gnu"));
  for (const name of FILTERS.flatMap((filter) => [filter, `${filter}-save`])) {
    const [filter = "", suffix] = name.split("-");
    const program = `${filter}-legacy${suffix === undefined ? "" : `-${suffix}`}`;
    const path = join(root, "usr/lib", libraries);
    const lines = [
      "#!/bin/sh",
      `LD_LIBRARY_PATH='${path}' XTABLES_LIBDIR='${path}/xtables' exec '${root}/usr/sbin/${program}' "$@"`,
    ];
    writeFileSync(join(place.bin, name), `${lines.join("\n")}\n`);
    chmodSync(join(place.bin, name), 0o755);
  }
}
