import { readFileSync } from "node:fs";
import { type IdentityConfig, parseServiceKey } from "@muster/board/identity";

function required(name: string): string {
  // Directus's own `env` would cast a build id of digits to a number.
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`${name} is not set.`);
  return value;
}

function readBootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    // Not Linux, or /proc is hidden: the identity allows an empty boot id.
    return "";
  }
}

/**
 * This service's identity from ELK_OS_INSTANCE_ID, _VERSION, _BUILD and the key in the file ELK_OS_IDENTITY_KEY_FILE.
 * Throws an Error when a variable is missing (Directus was not started by elk-os) or the key file is unreadable or malformed.
 */
export function loadIdentityConfig(): IdentityConfig {
  return {
    key: parseServiceKey(readFileSync(required("ELK_OS_IDENTITY_KEY_FILE"), "utf8")),
    instance: required("ELK_OS_INSTANCE_ID"),
    service: "directus",
    version: required("ELK_OS_VERSION"),
    build: required("ELK_OS_BUILD"),
    arch: process.arch,
    boot: readBootId(),
    started: new Date(Date.now() - process.uptime() * 1000).toISOString(),
  };
}

/** Release of this checkout as elk-os started it. */
export function releaseVersion(): string {
  return required("ELK_OS_VERSION");
}

/** Scheme, host and port under which browsers see this Directus; null without PUBLIC_URL. */
export function publicOrigin(): string | null {
  const url = process.env["PUBLIC_URL"];
  return url !== undefined && URL.canParse(url) ? new URL(url).origin : null;
}
