/** Chromium that believes one authority more, and whose names all lead to one address: that of a user who has put its root into his store. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { ensureUnpacked } from "../../scripts/engine/packages.ts";
import { enginePlace } from "../../scripts/engine/place.ts";
import { openBrowser } from "./browser.ts";

/** Of the Debian whose Chromium this machine has; it needs that one's libnss3. */
const PACKAGES = { bookworm: ["libnss3-tools"] } as const;

export type StoreTool =
  | { readonly kind: "ready"; readonly certutil: string }
  /** Why it cannot be had here. */
  | { readonly kind: "none"; readonly why: string };

/** The program that writes into the store that Chromium reads; fetched when it is not there. Never throws. */
export function findStoreTool(): StoreTool {
  try {
    const certutil = join(ensureUnpacked(enginePlace(), PACKAGES).folder, "root", "usr", "bin", "certutil");
    return { kind: "ready", certutil };
  } catch (error) {
    const [why = ""] = (error instanceof Error ? error.message : String(error)).trim().split("\n");
    return { kind: "none", why };
  }
}

export interface TrustingOptions {
  readonly certutil: string;
  /** HOME of the browser; its store of certificates is made there. */
  readonly home: string;
  /** PEM file of one root. */
  readonly rootFile: string;
  /** Where every name leads. */
  readonly address: string;
}

/** The caller closes it. @throws Error without Chromium */
export function openTrustingBrowser({ certutil, home, rootFile, address }: TrustingOptions): Promise<Browser> {
  const store = join(home, ".pki", "nssdb");
  mkdirSync(store, { recursive: true });
  const write = (...args: readonly string[]) =>
    execFileSync(certutil, ["-d", `sql:${store}`, ...args], { stdio: "pipe" });
  write("-N", "--empty-password");
  write("-A", "-n", "authority", "-t", "C,,", "-i", rootFile);
  return openBrowser({ home, flags: [`--host-resolver-rules=MAP * ${address}`] });
}
