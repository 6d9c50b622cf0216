import { CONFIG_KEYS, configSchema, environmentName } from "../config/schema.ts";
import { EXIT } from "../errors/catalog.ts";
import { openUrls } from "../services/open-urls.ts";
import { statePaths } from "../state/paths.ts";
import { openSecrets, SECRETS } from "../state/secrets.ts";
import type { Command } from "./command.ts";

export const config: Command = {
  name: "config",
  summary: "Show every setting with its value and where it came from",
  help: `Sources, weakest first: default, what an earlier init recorded, .env in the checkout, environment, flag.
Secrets are files in the state folder; they are listed by name and never shown.`,
  async run({ loaded }) {
    const { value, provenance } = loaded;
    const paths = statePaths(value.stateDir);
    const store = openSecrets(paths.secrets);
    const keys = CONFIG_KEYS.map((key) => ({
      key: environmentName(key),
      value: value[key] ?? null,
      source: provenance[key],
      description: configSchema.shape[key].description ?? "",
    }));
    const { portal, directus } = openUrls(value);
    const urls = {
      portal,
      directus,
      mcp: `${directus}/mcp`,
      rag: `http://127.0.0.1:${value.ragPort}`,
      postgres: `postgres://127.0.0.1:${value.postgresPort}/muster`,
    };
    const secrets = Object.entries(SECRETS).map(([name, { purpose }]) => ({
      name,
      purpose,
      value: "[redacted]",
      present: store.has(name as keyof typeof SECRETS),
    }));
    const width = Math.max(...keys.map(({ key }) => key.length));
    return {
      exit: EXIT.ok,
      data: { ok: true, checkout: loaded.checkout, keys, urls, secrets },
      lines: [
        ...keys.map(
          ({ key, value: shown, source }) =>
            `${key.padEnd(width)}  ${String(shown ?? "(unset)").padEnd(24)}  ${source}`,
        ),
        "",
        ...Object.entries(urls).map(([name, url]) => `${name.padEnd(width)}  ${url}`),
        "",
        ...secrets.map(
          ({ name, present, purpose }) =>
            `secrets/${name.padEnd(width - 8)}  ${present ? "[redacted]" : "(not made yet)"}  ${purpose}`,
        ),
      ],
    };
  },
};
