import { closeSync, openSync, readSync } from "node:fs";

/** e_machine of the ELF header, by Node's name of the architecture. */
const ELF_MACHINES: Readonly<Record<number, string>> = { 62: "x64", 183: "arm64" };
const ELF_MACHINE_OFFSET = 18;

/** For which architecture a program was built; "unknown" for one that we ship nothing for. */
export function elfArchitecture(path: string): string {
  const header = Buffer.alloc(ELF_MACHINE_OFFSET + 2);
  const file = openSync(path, "r");
  try {
    readSync(file, header, 0, header.length, 0);
  } finally {
    closeSync(file);
  }
  return ELF_MACHINES[header.readUInt16LE(ELF_MACHINE_OFFSET)] ?? "unknown";
}
