import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** SHA-256 (hex) of a file from that byte on, read in pieces. */
export async function fileDigest(path: string, start = 0): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path, { start })) hash.update(piece as Buffer);
  return hash.digest("hex");
}
