/** Node's name of an architecture, as images are labelled. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/** A machine as images name it: "linux/amd64". `machine`: Node's name of its architecture. */
export function platformOf(machine: string): string {
  return `linux/${ARCHITECTURES[machine] ?? machine}`;
}

/** Those that this software runs on. */
export const PLATFORMS: readonly string[] = Object.keys(ARCHITECTURES).map(platformOf);
