import { rmSync } from "node:fs";
import { join } from "node:path";
import { deriveServiceKey } from "@muster/board/identity";
import { ensureDir, writeOwnedFile } from "../../host/files.ts";
import type { Identity } from "../../host/run.ts";
import type { ServiceContext, ServiceDef, ServiceFile } from "../../services/service-def.ts";
import type { SecretStore } from "../../state/secrets.ts";
import { digestOf } from "./staging/tree-hash.ts";

type Files = ServiceDef["files"];

/** Content of one file. @throws CliError STATE_UNREADABLE when its secret does not exist. */
export function contentOf(file: ServiceFile, context: ServiceContext, secrets: SecretStore): string {
  switch (file.kind) {
    case "secret":
      return secrets.read(file.name).reveal();
    case "identity-key":
      return deriveServiceKey(Buffer.from(secrets.read("instance_key").reveal(), "hex"), file.service).toString("hex");
    case "text":
      return file.render(context);
  }
}

/** Digest of what the files would hold now; a secret that `init` has not made yet counts as absent. */
export function digestFiles(files: Files, context: ServiceContext, secrets: SecretStore): string {
  const isMade = (file: ServiceFile) =>
    file.kind === "text" || secrets.has(file.kind === "secret" ? file.name : "instance_key");
  return digestOf(
    Object.entries(files).flatMap(([name, file]) => [
      name,
      isMade(file) ? contentOf(file, context, secrets) : "absent",
    ]),
  );
}

/**
 * Lays the service's files out. Its folder belongs to the caller and only the service's group may enter it, so the
 * service cannot plant a link where root writes; the files themselves are 0600 and belong to the service.
 */
export function layOutFiles(input: {
  readonly service: ServiceDef;
  readonly files: Files;
  readonly context: ServiceContext;
  readonly secrets: SecretStore;
  readonly owner: Identity | null;
}): void {
  const { service, files, context, secrets, owner } = input;
  const { places } = context;
  ensureDir(places.files, {
    mode: owner === null ? 0o700 : 0o750,
    owner: owner === null ? null : { uid: 0, gid: owner.gid },
  });
  ensureDir(places.scratch, { mode: 0o700, owner });
  for (const folder of service.dataFolders) ensureDir(join(places.data, folder), { mode: 0o700, owner });
  for (const [name, file] of Object.entries(files)) {
    writeOwnedFile(join(places.files, name), contentOf(file, context, secrets), { mode: 0o600, owner });
  }
}

export function removeFiles(files: Files, context: ServiceContext): void {
  for (const name of Object.keys(files)) rmSync(join(context.places.files, name), { force: true });
}
