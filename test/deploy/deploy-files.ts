import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const CHECKOUT = resolve(import.meta.dirname, "..", "..");

/** Where the files of `deploy/` expect the checkout on a machine of its own. */
export const INSTALLED_AT = "/opt/muster";

export function deployFile(...path: readonly string[]): string {
  return readFileSync(join(CHECKOUT, "deploy", ...path), "utf8");
}

/** A systemd unit: the values of each key by section, in order, as systemd.syntax(7) has them; no line is continued in ours. */
export type UnitFile = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

/** @throws Error for a line that is no comment, section or assignment */
export function parseUnit(text: string): UnitFile {
  const sections = new Map<string, Map<string, string[]>>();
  let section: Map<string, string[]> | null = null;
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const name = /^\[(.+)\]$/.exec(line)?.[1];
    if (name !== undefined) {
      section = sections.get(name) ?? new Map();
      sections.set(name, section);
      continue;
    }
    const [, key, value] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined || section === null) throw new Error(`Not a line of a unit: ${line}`);
    section.set(key, [...(section.get(key) ?? []), value]);
  }
  return sections;
}

/** Puts values for the names in braces, as Terraform's templatefile and envsubst do. @throws Error for a name without a value */
export function fillIn(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`The template asks for ${name}.`);
    return value;
  });
}
