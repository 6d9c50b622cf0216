import { SERVICES } from "../services/index.ts";
import type { ServiceId } from "../services/service-def.ts";

/** Services that read the secret when they start, and are replaced when it changes. Pure. */
export function consumersOf(name: string): readonly ServiceId[] {
  return SERVICES.filter(({ files }) =>
    Object.values(files).some(
      (file) =>
        (file.kind === "secret" && file.name === name) || (file.kind === "identity-key" && name === "instance_key"),
    ),
  ).map(({ id }) => id);
}
