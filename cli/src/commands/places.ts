import { openUrls } from "../services/open-urls.ts";
import type { Stack } from "../stack/stack.ts";

/** Where a person goes next, one line each. */
export function placesOf({ config, secrets, paths }: Stack): readonly string[] {
  const agents = secrets.names().filter((name) => name.startsWith("agent-"));
  const { portal, directus } = openUrls(config);
  return [
    `Board     ${portal}        Studio  ${directus}  (${config.adminEmail}, password in secrets/directus_admin_password)`,
    ...(agents.length === 0 ? [] : [`Agents    ${agents.length} wired: ${paths.wire}; tokens in secrets/agent-*`]),
    "Next      elk-os doctor   elk-os status   elk-os agent add NAME --model-family F",
  ];
}
