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

/** Of the program that a process runs; null for one that has ended meanwhile. */
export function runningArchitecture(pid: number): string | null {
  try {
    return elfArchitecture(`/proc/${pid}/exe`);
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH")) return null;
    throw error;
  }
}
