import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { backupsFolder } from "../backup/open-backups.ts";
import type { DriverId } from "../drivers/driver.ts";
import { isRoot } from "../host/users.ts";
import { counted } from "../output/counted.ts";
import type { Stack } from "../stack/stack.ts";
import { contains, erasable } from "../state/erase-state.ts";
import type { StatePaths } from "../state/paths.ts";
import { type PlacedFiles, readPlaced } from "../wiring/placed-files.ts";
import { cacheShare } from "./shared-cache.ts";

/** One thing that goes or stays, and what it is. */
export interface Item {
  readonly path: string;
  readonly what: string;
}

export interface UninstallPlan {
  /** Entries of the state folder, in the order in which they go. */
  readonly state: readonly Item[];
  /** Folders of a cache outside the state folder that only this instance uses. */
  readonly cache: readonly Item[];
  /** Client files outside the state folder. */
  readonly placed: PlacedFiles;
  readonly keep: readonly Item[];
  /** Does the state folder itself go? */
  readonly isWhole: boolean;
}

export interface UninstallOptions {
  readonly backups: boolean;
  readonly keepCache: boolean;
}

const MEANING: Readonly<Partial<Record<keyof StatePaths, string>>> = {
  secrets: "passwords, keys and agents' tokens",
  run: "records of processes, and what services read",
  logs: "logs of services and chores",
  data: "the board's rows, uploads, the search index",
  journal: "what elk-os did",
  config: "recorded settings",
  instance: "the instance's id",
  network: "addresses of the containers",
  imageLock: "digests of the images",
  wire: "client files and constitution of each agent",
  placed: "record of client files in other folders",
  outbox: "what agents could not deliver",
  checkpoints: "chain heads behind the log's checkpoints",
  restores: "what each restore put in the board's place",
  upgrade: "record of the last upgrade",
  upgradeLock: "lock of an upgrade",
  release: "a release that was being looked at",
};

const OUTSIDE: Readonly<Record<DriverId, string>> = {
  embedded: "every service, and the supervisor with its chores",
  compose: "every container, network and volume, with the board's rows",
};

/** What an uninstall would do now. Looks only. The caller made sure that the state folder is one. */
export function planUninstall(stack: Stack, { backups, keepCache }: UninstallOptions): UninstallPlan {
  const { config, paths } = stack;
  const saved = backupsFolder(stack);
  const keepsBackups = !backups && existsSync(saved) && readdirSync(saved).length > 0;
  const isCacheInside = contains(paths.root, config.cacheDir);
  const keepsCache = isCacheInside && keepCache && existsSync(config.cacheDir);
  const kept = [
    // Backups name their instance, and without its id another one would take them for a stranger's.
    ...(keepsBackups ? [saved, paths.instance] : []),
    ...(keepsCache ? [config.cacheDir] : []),
  ];
  const share = isCacheInside || keepCache ? { own: [], shared: [] } : cacheShare(stack);
  return {
    state: erasable(paths, kept).map((path) => ({ path, what: meaningOf(path, stack) })),
    cache: share.own.map((path) => ({ path, what: "a runtime that no other instance uses" })),
    placed: readPlaced(paths.placed),
    keep: [
      { path: stack.checkout, what: "the checkout with its node_modules" },
      ...(config.databaseUrl === undefined
        ? []
        : [
            {
              path: "ELK_OS_DATABASE_URL",
              what: "the external database with the board; elk-os reset --drop-database empties it",
            },
          ]),
      ...(keepsBackups
        ? [
            {
              path: saved,
              what: `${counted(readdirSync(saved).length, "backup")}, with the instance's id; --backups deletes them`,
            },
          ]
        : []),
      ...(keepsCache ? [{ path: config.cacheDir, what: "the cache, as --keep-cache asks" }] : []),
      ...share.shared.map(({ path, by }) => ({ path, what: `a runtime that ${by} uses` })),
      ...(isCacheInside ? [] : [{ path: config.cacheDir, what: "the rest of the cache, which lies outside" }]),
      ...(isRoot() && stack.driver.id === "embedded"
        ? [{ path: "/etc/passwd", what: `the system user ${config.serviceUser}, which other instances may use` }]
        : []),
      ...(stack.driver.id === "compose"
        ? [{ path: "docker image ls", what: "images, which other projects share" }]
        : []),
    ],
    isWhole: kept.length === 0,
  };
}

/** The plan for people: what goes, then what stays. */
export function planLines({ state, cache, placed, keep }: UninstallPlan, driver: DriverId): readonly string[] {
  const line = (word: string, { path, what }: Item) => `${word.padEnd(7)} ${path}  ${what}`;
  return [
    `stop    ${OUTSIDE[driver]}`,
    ...[...state, ...cache].map((item) => line("remove", item)),
    ...Object.keys(placed).map((path) => line("remove", { path, what: "what elk-os wire wrote there" })),
    ...keep.map((item) => line("keep", item)),
  ];
}

function meaningOf(path: string, { config, paths }: Stack): string {
  if (contains(path, config.cacheDir)) return "installed runtimes";
  if (path === backupsFolder({ paths })) return "every backup";
  if (path === join(paths.root, "caddy")) return "certificates and state of the proxy";
  const known = Object.entries(paths).find(([, place]) => place === path)?.[0] as keyof StatePaths | undefined;
  if (known !== undefined) return MEANING[known] ?? "";
  return basename(path).startsWith(basename(paths.journal)) ? "part of an earlier journal" : "not known to elk-os";
}
