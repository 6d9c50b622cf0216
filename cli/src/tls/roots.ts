import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { getCACertificates } from "node:tls";
import { type Config, environmentName } from "../config/schema.ts";
import { CliError } from "../errors/cli-error.ts";

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** The certificates of a PEM file, each with a line break at its end. @throws CliError CONFIG_VALUE_INVALID for a file that holds none */
export function readRoots(path: string): readonly string[] {
  const refuse = (why: string, cause?: unknown) =>
    new CliError("CONFIG_VALUE_INVALID", {
      message: `${environmentName("acmeCaRoot")} is "${path}": ${why}.`,
      hint: "Name a file with the authority's root certificates in PEM, one after the other.",
      facts: { key: environmentName("acmeCaRoot") },
      cause,
    });
  let found: readonly string[];
  try {
    found = readFileSync(path, "utf8").match(PEM) ?? [];
    for (const certificate of found) new X509Certificate(certificate);
  } catch (error) {
    throw refuse(`it cannot be read (${error instanceof Error ? error.message : String(error)})`, error);
  }
  if (found.length === 0) throw refuse("it holds no certificate");
  return found.map((certificate) => `${certificate}\n`);
}

/** Where Caddy keeps the root of its own authority, below its data folder. */
const INTERNAL_ROOT = join("caddy", "pki", "authorities", "local", "root.crt");

export interface Roots {
  /** Whose they are, for evidence. */
  readonly of: string;
  readonly certificates: readonly string[];
}

/** What a certificate of this mode must lead to. `caddyData`: the proxy's data folder. @throws as `readRoots` and `readFileSync` do */
export function rootsOf({ tls, acmeCaRoot }: Config, caddyData: string): Roots {
  if (tls === "internal")
    return { of: "the proxy's own authority", certificates: [readFileSync(join(caddyData, INTERNAL_ROOT), "utf8")] };
  if (acmeCaRoot !== undefined) return { of: acmeCaRoot, certificates: readRoots(acmeCaRoot) };
  return {
    of: "the roots that Node and this machine know",
    certificates: [...new Set([...getCACertificates("bundled"), ...getCACertificates("system")])],
  };
}
