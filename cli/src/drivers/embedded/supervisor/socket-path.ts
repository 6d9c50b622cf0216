import { createHash } from "node:crypto";
import { lstatSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { currentIdentity } from "../../../host/users.ts";

/** sockaddr_un.sun_path holds 108 bytes with its closing NUL (unix(7)); a longer path is cut silently by some callers. */
const MAX_SOCKET_PATH_BYTES = 107;

/** The control socket inside the run folder, or null when that path is too long for a unix socket. Pure. */
export function socketPathIn(runDir: string): string | null {
  const path = join(runDir, "supervisor.sock");
  return Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES ? path : null;
}

/** Where this state folder's supervisor listens. The fallback is a private folder for temporary files, made here. */
export function chooseSocketPath(runDir: string): string {
  const near = socketPathIn(runDir);
  if (near !== null) return near;
  const { uid } = currentIdentity();
  const folder = spareSocketFolder(runDir);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid: owner, mode } = lstatSync(folder);
  if (owner !== uid || (mode & 0o077) !== 0) {
    throw new Error(`${folder} belongs to another user or is open to others: the control socket is not put there.`);
  }
  return join(folder, "supervisor.sock");
}

/** The folder for temporary files that stands in where a path in the run folder is too long. */
export function spareSocketFolder(runDir: string): string {
  const digest = createHash("sha256").update(runDir).digest("hex").slice(0, 16);
  return join(tmpdir(), `elk-os-${currentIdentity().uid}-${digest}`);
}
