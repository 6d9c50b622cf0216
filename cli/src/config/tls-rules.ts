import { BlockList, isIP } from "node:net";
import type { Config, ConfigKey } from "./schema.ts";
import { sharedServiceOf, specialEndOf } from "./shared-names.ts";

/** A setting that is sound by itself and not beside the others. */
export interface SettingProblem {
  readonly key: ConfigKey;
  /** What is wrong, as the end of a sentence about the key. */
  readonly why: string;
  readonly hint: string;
}

/** Names of portal and Studio; null: TLS is off, or no name is given. */
export function namesOf({
  tls,
  domain,
  studioDomain,
}: Config): { readonly portal: string; readonly studio: string } | null {
  if (tls === "off" || domain === undefined) return null;
  return { portal: domain, studio: studioDomain ?? `studio.${domain}` };
}

/** Modes in which a public authority, or one of the operator's, checks the name from outside. */
const isChecked = ({ tls }: Config) => tls === "staging" || tls === "acme";

/**
 * What keeps TLS from being what the settings ask for; null: nothing. With TLS off the other settings wait for it and are not judged.
 * `isSet`: somebody gave the key a value.
 */
export function findTlsProblem(config: Config, isSet: (key: ConfigKey) => boolean): SettingProblem | null {
  if (config.tls === "off") return null;
  return (
    place(config) ?? names(config) ?? authority(config) ?? proxies(config) ?? ports(config) ?? readers(config, isSet)
  );
}

function place({ tls, driver }: Config): SettingProblem | null {
  if (driver === "compose" || tls === "behind-proxy") return null;
  return {
    key: "tls",
    why: `only the compose driver runs a proxy of ours, and the driver is ${driver}`,
    hint: "Set ELK_OS_DRIVER=compose, or put a proxy of your own before it and set ELK_OS_TLS=behind-proxy (docs/tls.md).",
  };
}

function names(config: Config): SettingProblem | null {
  const found = namesOf(config);
  if (found === null)
    return {
      key: "tls",
      why: "it needs a name, and ELK_OS_DOMAIN is unset",
      hint: "Set ELK_OS_DOMAIN=board.example.org, a name whose address is this machine's.",
    };
  if (found.portal === found.studio)
    return {
      key: "studioDomain",
      why: "the portal has that name",
      hint: "Give the Studio another name, or leave it out: studio.<domain>.",
    };
  for (const [key, name] of [
    ["domain", found.portal],
    ["studioDomain", found.studio],
  ] as const) {
    const why = nameProblem(config, name);
    // A name that follows from the portal's has no setting of its own.
    if (why !== null)
      return {
        key: config[key] === undefined ? "domain" : key,
        why,
        hint: "Take a name of a domain that you hold, or ELK_OS_TLS=internal, which asks no authority.",
      };
  }
  return null;
}

function nameProblem(config: Config, name: string): string | null {
  if (isIP(name) !== 0) return "it is an address, and a certificate is for a name";
  if (!isChecked(config)) return null;
  const service = sharedServiceOf(name);
  if (service !== null) return `everybody shares the names of ${service}, and with them its limit at the authority`;
  if (name === "localhost") return "it means every machine itself, so no authority certifies it";
  // An authority of one's own certifies what it is made for.
  if (config.acmeCa !== undefined) return null;
  if (!name.includes(".")) return "a public authority certifies no name of one word";
  const end = specialEndOf(name);
  return end === null ? null : `no public authority certifies names in .${end}`;
}

function authority({ tls, acmeCa, acmeCaRoot }: Config): SettingProblem | null {
  if (tls === "staging" && acmeCa !== undefined)
    return {
      key: "acmeCa",
      why: "staging is Let's Encrypt's own",
      hint: "Set ELK_OS_TLS=acme for an authority of your own, or leave ELK_OS_ACME_CA empty.",
    };
  if (acmeCaRoot !== undefined && acmeCa === undefined)
    return {
      key: "acmeCaRoot",
      why: "there is no authority of your own, since ELK_OS_ACME_CA is unset",
      hint: "Set ELK_OS_ACME_CA to its ACME directory, or leave ELK_OS_ACME_CA_ROOT empty.",
    };
  return null;
}

function proxies(config: Config): SettingProblem | null {
  const { tls, trustedProxies } = config;
  if (trustedProxies === undefined) return null;
  if (isChecked(config))
    return {
      key: "trustedProxies",
      why: `behind another proxy the authority does not reach ours, and ELK_OS_TLS is ${tls}`,
      hint: "Set ELK_OS_TLS=behind-proxy, or leave ELK_OS_TRUSTED_PROXIES empty.",
    };
  const wrong = listOf(trustedProxies).find((range) => !isRange(range));
  if (wrong === undefined) return null;
  return {
    key: "trustedProxies",
    why: `${wrong} is neither an address nor a network`,
    hint: "Write 10.0.0.7 or 10.0.0.0/8, separated by commas.",
  };
}

/** Values of a setting that holds several, separated by commas. */
export function listOf(value: string): readonly string[] {
  return value.split(",").map((part) => part.trim());
}

function isRange(text: string): boolean {
  const [address = "", prefix, more] = text.split("/");
  const family = isIP(address);
  if (family === 0 || more !== undefined) return false;
  if (prefix === undefined) return true;
  if (!/^\d{1,3}$/.test(prefix)) return false;
  try {
    new BlockList().addSubnet(address, Number(prefix), family === 4 ? "ipv4" : "ipv6");
    return true;
  } catch {
    // The prefix is longer than the address.
    return false;
  }
}

const PORTS = ["postgresPort", "directusPort", "ragPort", "portalPort", "httpPort", "httpsPort"] as const;

function ports(config: Config): SettingProblem | null {
  for (const key of ["httpPort", "httpsPort"] as const) {
    const other = PORTS.find((candidate) => candidate !== key && config[candidate] === config[key]);
    if (other !== undefined)
      return {
        key,
        why: "another setting has that port",
        hint: "Give each service a port of its own: elk-os config lists them.",
      };
  }
  return null;
}

/** The portal asks nobody who he is: whoever reaches the name reads it. */
function readers({ tls }: Config, isSet: (key: ConfigKey) => boolean): SettingProblem | null {
  if (isSet("portalPublic")) return null;
  return {
    key: "portalPublic",
    why: `with ELK_OS_TLS=${tls} everybody who reaches the name reads the portal, so it must be said what he may see`,
    hint: "Set ELK_OS_PORTAL_PUBLIC=true (no names of people, costs or evidence), or =false (the whole board).",
  };
}
