import { BlockList, isIP } from "node:net";
import { parseDatabaseUrl } from "../database/parse-url.ts";
import type { Config } from "./schema.ts";
import type { SettingProblem } from "./tls-rules.ts";

/** What keeps an external Postgres from being used as the settings ask; null: nothing. Pure. */
export function findDatabaseProblem(config: Config): SettingProblem | null {
  const { databaseUrl, databaseListenUrl, driver } = config;
  if (databaseListenUrl !== undefined && databaseUrl === undefined) {
    return {
      key: "databaseListenUrl",
      why: "it is a second way to an external database, and ELK_OS_DATABASE_URL is unset",
      hint: "Set ELK_OS_DATABASE_URL, or leave it out.",
    };
  }
  if (driver !== "compose") return null;
  for (const key of ["databaseUrl", "databaseListenUrl"] as const) {
    const own = hostsOf(config[key]).find(isSelf);
    if (own === undefined) continue;
    return {
      key,
      why: `with the compose driver a container goes there, and ${own} is that container itself`,
      hint: "Name an address of the server that containers reach: of another machine, or one of this machine's that is not loopback. Or use processes (ELK_OS_DRIVER=embedded).",
    };
  }
  return null;
}

function hostsOf(url: Config["databaseUrl"]): readonly string[] {
  return url === undefined ? [] : parseDatabaseUrl(url.reveal()).hosts.map(({ host }) => host);
}

/** Loopback, and what connects to it: the address of none. */
const SELF = new BlockList();
SELF.addSubnet("127.0.0.0", 8, "ipv4");
SELF.addSubnet("0.0.0.0", 8, "ipv4");
SELF.addAddress("::1", "ipv6");
SELF.addAddress("::", "ipv6");

function isSelf(host: string): boolean {
  const plain = asResolved(host);
  const family = isIP(plain);
  if (family !== 0) return SELF.check(plain, family === 6 ? "ipv6" : "ipv4");
  return /(^|\.)localhost\.?$/.test(plain);
}

/** As a resolver reads it, which knows `127.1` and `0x7f000001` for addresses. */
function asResolved(host: string): string {
  if (isIP(host) !== 0) return host;
  try {
    return new URL(`http://${host}`).hostname;
  } catch {
    return host.toLowerCase();
  }
}
