import { createHash } from "node:crypto";
import { CliError } from "../errors/cli-error.ts";

/** The constitution as an agent's session loads it. */
export interface RenderedConstitution {
  /** The whole file: head with version, profile and hash, then the body. */
  readonly text: string;
  readonly version: string;
  readonly profile: string;
  /** Hex sha256 of the body: the rules themselves, without the head. */
  readonly sha256: string;
}

/** What a rendered file says of itself, and the body it really holds. */
export interface ParsedConstitution {
  readonly version: string;
  readonly profile: string;
  readonly sha256: string;
  readonly body: string;
}

/**
 * missing: no file. unreadable: no head. edited: the body does not have the hash that its head names.
 * outdated: whole, but not what would be rendered now. same: nothing to do.
 */
export type ConstitutionDrift = "same" | "missing" | "unreadable" | "edited" | "outdated";

const SECTION_COUNT = 10;

/**
 * Renders `CLAUDE.md` and, below it, what the profile adds. Pure; the same input gives the same bytes.
 * @param base text of `CLAUDE.md`: a head with `constitution: <semver>`, then §1 to §10 in order
 * @param fragment text of `profiles/<name>/constitution.md`; null when the profile adds nothing
 * @throws CliError PROFILE_INVALID when the base has no version or not ten sections, or the fragment numbers one itself
 */
export function renderConstitution(base: string, profile: string, fragment: string | null): RenderedConstitution {
  const { version, rules } = readBase(base);
  if (fragment !== null && sectionNumbers(fragment).length > 0) {
    throw invalid(`The fragment of profile ${profile} numbers a section with §; the numbers belong to CLAUDE.md.`);
  }
  const body = fragment === null ? `${rules.trim()}\n` : `${rules.trim()}\n\n${fragment.trim()}\n`;
  const sha256 = hash(body);
  const head = `---\nconstitution: ${version}\nprofile: ${profile}\nsha256: ${sha256}\n---\n`;
  return { text: `${head}\n${body}`, version, profile, sha256 };
}

/** Reads a rendered file back; null when it has no head. The hash is what the head says, not yet what is true. Pure. */
export function parseRendered(text: string): ParsedConstitution | null {
  const match = /^---\nconstitution: (\S+)\nprofile: (\S+)\nsha256: ([0-9a-f]{64})\n---\n\n([\s\S]*)$/.exec(text);
  if (match === null) return null;
  const [, version = "", profile = "", sha256 = "", body = ""] = match;
  return { version, profile, sha256, body };
}

/** Compares a file that an agent loads with what would be rendered now. Pure. */
export function findConstitutionDrift(expected: RenderedConstitution, actual: string | null): ConstitutionDrift {
  if (actual === null) return "missing";
  const parsed = parseRendered(actual);
  if (parsed === null) return "unreadable";
  if (hash(parsed.body) !== parsed.sha256) return "edited";
  return actual === expected.text ? "same" : "outdated";
}

function readBase(base: string): { version: string; rules: string } {
  const match = /^---\nconstitution: (\d+\.\d+\.\d+)\n---\n([\s\S]*)$/.exec(base);
  if (match === null) throw invalid("CLAUDE.md does not begin with a head that names its version.");
  const [, version = "", rules = ""] = match;
  const numbers = sectionNumbers(rules);
  const isWhole = numbers.length === SECTION_COUNT && numbers.every((number, index) => number === index + 1);
  if (!isWhole) throw invalid(`CLAUDE.md has the sections ${numbers.join(", ")}, not 1 to ${SECTION_COUNT} in order.`);
  return { version, rules };
}

function sectionNumbers(text: string): number[] {
  return [...text.matchAll(/^#{1,6} §(\d+)/gm)].map((match) => Number(match[1]));
}

function hash(body: string): string {
  return createHash("sha256").update(body).digest("hex");
}

function invalid(message: string): CliError {
  return new CliError("PROFILE_INVALID", { message, hint: "Correct the file; CLAUDE.md shows the form." });
}
