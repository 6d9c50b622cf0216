import { createReadStream, createWriteStream, mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileDigest } from "../host/file-digest.ts";
import { runCommand } from "../host/run.ts";
import { gitIn } from "../upgrade/git.ts";
import { DIGEST_OFFSET, FIRST_MEMBER_BYTES } from "./first-member.ts";
import { BUNDLE, DIGEST, RELEASE } from "./manifest.ts";

const TAR_TIMEOUT_MS = 10 * 60_000;
const OWNERLESS = ["--owner=0", "--group=0", "--numeric-owner"];

export interface ArchiveInput {
  readonly draft: string;
  /** Holds the tree `root` with `bundle/` and the release's record. */
  readonly work: string;
  readonly root: string;
  readonly checkout: string;
  readonly commit: string;
}

/**
 * One plain tar, as what is large in it is packed already: the digest of all that follows, the files of the commit, the tree. It is on the disk when this
 * ends. Answers with the SHA-256 of the whole.
 */
export async function writeArchive(
  { draft, work, root, checkout, commit }: ArchiveInput,
  signal: AbortSignal,
): Promise<string> {
  const tar = (args: readonly string[]) =>
    runCommand(["tar", ...OWNERLESS, "--format=ustar", ...args], {
      purpose: "The archive could not be put together",
      timeoutMs: TAR_TIMEOUT_MS,
      signal,
    });
  const files = join(work, "files.tar");
  await gitIn(checkout, signal).ask(["archive", "--format=tar", `--prefix=${root}/`, `--output=${files}`, commit]);
  // The digest's room is there first, and filled in last.
  const holder = join(work, "first");
  mkdirSync(join(holder, root, BUNDLE), { recursive: true });
  writeFileSync(join(holder, root, DIGEST), `${"0".repeat(64)}\n`, { mode: 0o644 });
  await tar(["-cf", draft, "-C", holder, `${root}/${DIGEST}`]);
  truncateSync(draft, FIRST_MEMBER_BYTES);
  await pipeline(createReadStream(files), createWriteStream(draft, { flags: "a" }), { signal });
  await tar(["-rf", draft, "-C", work, `${root}/${RELEASE}`, `${root}/${BUNDLE}`]);
  const file = await open(draft, "r+");
  try {
    await file.write(await fileDigest(draft, FIRST_MEMBER_BYTES), DIGEST_OFFSET);
    await file.sync();
  } finally {
    await file.close();
  }
  return fileDigest(draft);
}
