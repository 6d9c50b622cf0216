/**
 * A registry mirror may lack the optional packages of platforms that nobody there uses. npm then leaves them out of the lock, and
 * `npm ci` refuses that lock everywhere ("Missing: … from lock file"). This adds an entry for each of them: exact version from the
 * package that asks for it, and the platform from its name, so that npm knows it without ever fetching it on Linux.
 */

interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

const SYSTEMS = ["android", "darwin", "freebsd", "linux", "openharmony", "win32"] as const;
const PROCESSORS = ["arm64", "arm", "ppc64", "riscv64", "s390x", "ia32", "x64"] as const;
const EXACT_VERSION = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

/** The lock with every optional dependency of an exact version in it; the same lock when none is missing. Pure. */
export function completeLock<T extends Lock>(lock: T): T {
  const missing: Record<string, LockedPackage> = {};
  for (const parent of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const path = `node_modules/${name}`;
      if (lock.packages[path] !== undefined || !EXACT_VERSION.test(version)) continue;
      const platform = platformOf(name);
      if (platform !== null)
        missing[path] = { version, ...platform, ...(parent.dev === true ? { dev: true } : {}), optional: true };
    }
  }
  if (Object.keys(missing).length === 0) return lock;
  const packages = Object.entries({ ...lock.packages, ...missing }).sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...lock, packages: Object.fromEntries(packages) };
}

/** `@scope/binding-linux-arm64-musl` → linux, arm64, musl. Null when the name says no platform. */
export function platformOf(name: string): Pick<LockedPackage, "os" | "cpu" | "libc"> | null {
  const words = name.split(/[-/]/);
  const os = SYSTEMS.find((system) => words.includes(system));
  const cpu = PROCESSORS.find((processor) => words.includes(processor));
  if (os === undefined || cpu === undefined) return null;
  return { os: [os], cpu: [cpu], ...(words.some((word) => word.startsWith("musl")) ? { libc: ["musl"] } : {}) };
}
