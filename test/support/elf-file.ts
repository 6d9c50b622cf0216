/** What makes a file a program of an architecture: the head of an ELF file, with what else is to be in it. */
const MACHINES = { x64: 62, arm64: 183 } as const;

export function elfFile(architecture: keyof typeof MACHINES, content = ""): Buffer {
  const head = Buffer.alloc(64);
  head.write("\x7fELF\x02\x01\x01", "latin1");
  head.writeUInt16LE(MACHINES[architecture], 18);
  return Buffer.concat([head, Buffer.from(content, "latin1")]);
}
