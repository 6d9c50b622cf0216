import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** State 0A of /proc/net/tcp: LISTEN. */
const LISTEN = "0A";
/** Enough of a command line to know a program by. */
const COMMAND_CHARS = 200;

/**
 * Who listens on a port, for a person: `pid 812 (node server.js)`. null when that cannot be seen: a process of another user, or a system
 * without /proc. Looks only.
 */
export function describePortHolder(port: number): string | null {
  const inodes = new Set([...listenersIn("tcp", port), ...listenersIn("tcp6", port)]);
  if (inodes.size === 0) return null;
  for (const name of list("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    if (list(`/proc/${name}/fd`).some((fd) => inodes.has(linkOf(`/proc/${name}/fd/${fd}`)))) {
      const command = read(`/proc/${name}/cmdline`).replaceAll("\0", " ").trim();
      return `pid ${name} (${command.slice(0, COMMAND_CHARS) || "command hidden"})`;
    }
  }
  return null;
}

/** Listening sockets of a table as `/proc/<pid>/fd` links name them: `socket:[4711]`. */
function listenersIn(table: string, port: number): readonly string[] {
  return read(`/proc/net/${table}`)
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [, local = "", , state, , , , , , inode] = line.trim().split(/\s+/);
      return state === LISTEN && Number.parseInt(local.split(":")[1] ?? "", 16) === port ? [`socket:[${inode}]`] : [];
    });
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // Not there, or not for us: it tells nothing.
    return "";
  }
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // The process is gone, or another user's.
    return [];
  }
}

function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    // The descriptor was closed while we looked.
    return "";
  }
}
