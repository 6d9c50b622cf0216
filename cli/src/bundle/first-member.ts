/** One block of a tar archive; a member is a block that names it, and its content filled up to whole blocks. */
const BLOCK = 512;
/** A digest in hex and its line break, in the one block behind its header. */
export const FIRST_MEMBER_BYTES = 2 * BLOCK;
export const DIGEST_OFFSET = BLOCK;

const NAME = { start: 0, end: 100 };
const SUM = { start: 148, end: 156 };

/** Name and text of the first member; null when these bytes are no whole member. Every one of them is looked at. Pure. */
export function readFirstMember(bytes: Buffer): { readonly name: string; readonly text: string } | null {
  if (bytes.length !== FIRST_MEMBER_BYTES) return null;
  const header = bytes.subarray(0, BLOCK);
  const said = Number.parseInt(textOf(header.subarray(SUM.start, SUM.end)), 8);
  // The sum is counted over the header with spaces in the sum's own place.
  const summed = header.map((byte, index) => (index >= SUM.start && index < SUM.end ? 0x20 : byte));
  if (said !== summed.reduce((sum, byte) => sum + byte, 0)) return null;
  const content = bytes.subarray(BLOCK);
  const text = textOf(content);
  if (content.subarray(text.length).some((byte) => byte !== 0)) return null;
  return { name: textOf(header.subarray(NAME.start, NAME.end)), text };
}

/** Up to the first NUL. */
function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString("latin1", 0, end < 0 ? bytes.length : end);
}
