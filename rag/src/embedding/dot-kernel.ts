/**
 * Inner products of one row of bytes with many, sixteen bytes at a time: WebAssembly's SIMD, which Node runs on x86-64 and arm64 alike without anything to
 * compile or to install. The module is made here, from the instructions below; it has no other source.
 */

/** Rows that one call takes at most: their products lie in the first page of the memory. */
export const ROWS_AT_ONCE = 1_024;
/** Where the row that is compared with all others lies, and where those begin. Rows are no longer than what is between. */
const QUERY_AT = ROWS_AT_ONCE * 4;
const ROWS_AT = QUERY_AT + 4_096;
const PAGE_BYTES = 65_536;
/** Bytes that are multiplied at a time: rows are padded to a multiple of it. */
const LANES = 16;

/** Rows in a memory of their own, which grows without being copied. */
export interface DotKernel {
  /** Bytes from one row to the next; those past a row's own are 0. */
  readonly stride: number;
  /** The rows, each `stride` bytes. Another array once `grow` was called. */
  readonly rows: Int8Array;
  /** The row that `scores` compares. */
  readonly query: Int8Array;
  /** Makes room for `count` rows; what is new is 0. @throws RangeError when there is no memory left */
  grow(count: number): void;
  /** Products of the query with `count` rows from `first` on, at most 1,024; valid until the next call. */
  scores(first: number, count: number): Int32Array;
  /** Product of two rows. */
  product(row: number, other: number): number;
}

/** null where the processor has no SIMD, the rows are too long for it, or no memory is left: then products are summed in JavaScript. */
export function makeDotKernel(dims: number): DotKernel | null {
  const stride = Math.ceil(dims / LANES) * LANES;
  if (stride > ROWS_AT - QUERY_AT || !HAS_SIMD) return null;
  try {
    return overMemory(stride, new WebAssembly.Memory({ initial: 1 }));
  } catch {
    // No room for the memory's addresses: plain sums need none.
    return null;
  }
}

function overMemory(stride: number, memory: WebAssembly.Memory): DotKernel {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(MODULE), { m: { memory } });
  const products = exports["products"] as (query: number, rows: number, count: number, stride: number) => void;
  const view = () => ({
    rows: new Int8Array(memory.buffer, ROWS_AT),
    query: new Int8Array(memory.buffer, QUERY_AT, stride),
    out: new Int32Array(memory.buffer, 0, ROWS_AT_ONCE),
  });
  let { rows, query, out } = view();
  return {
    stride,
    get rows() {
      return rows;
    },
    get query() {
      return query;
    },
    grow(count) {
      const pages = Math.ceil((ROWS_AT + count * stride - memory.buffer.byteLength) / PAGE_BYTES);
      if (pages <= 0) return;
      memory.grow(pages);
      ({ rows, query, out } = view());
    },
    scores(first, count) {
      products(QUERY_AT, ROWS_AT + first * stride, count, stride);
      return out;
    },
    product(row, other) {
      products(ROWS_AT + row * stride, ROWS_AT + other * stride, 1, stride);
      return out[0] ?? 0;
    },
  };
}

/** Instructions by their names in the specification; each list is their bytes. */
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const i32 = (value: number) => [0x41, value];
const [ADD, SUB, LESS, STORE, END] = [[0x6a], [0x6b], [0x49], [0x36, 2, 0], [0x0b]];
const LOOP = [0x03, 0x40];
const AGAIN = [0x0d, 0];
const simd = (opcode: number) => [0xfd, ...(opcode < 0x80 ? [opcode] : [opcode, 1])];
const LOAD_16 = [...simd(0x00), 0, 0];
const ZEROS = [...simd(0x0c), ...new Array<number>(LANES).fill(0)];
const LANE = (lane: number) => [...simd(0x1b), lane];
const [LOW, HIGH, ADD_4, DOT] = [simd(0x87), simd(0x88), simd(0xae), simd(0xba)];

/** Parameters and locals of the one function. `OUT` begins as 0, where the products go. */
const [QUERY, ROW, COUNT, STRIDE, OUT, AT, SUM, LEFT, RIGHT] = [0, 1, 2, 3, 4, 5, 6, 7, 8];

/** Eight bytes of each side as eight 16-bit numbers, multiplied and added up in pairs. */
const half = (which: readonly number[]) => [...get(LEFT), ...which, ...get(RIGHT), ...which, ...DOT, ...ADD_4];

const BODY = [
  ...[2, 2, 0x7f, 3, 0x7b],
  ...LOOP,
  ...[...ZEROS, ...set(SUM), ...i32(0), ...set(AT)],
  ...LOOP,
  ...[...get(QUERY), ...get(AT), ...ADD, ...LOAD_16, ...set(LEFT)],
  ...[...get(ROW), ...get(AT), ...ADD, ...LOAD_16, ...set(RIGHT)],
  ...[...get(SUM), ...half(LOW), ...half(HIGH), ...set(SUM)],
  ...[...get(AT), ...i32(LANES), ...ADD, ...set(AT)],
  ...[...get(AT), ...get(STRIDE), ...LESS, ...AGAIN],
  ...END,
  ...get(OUT),
  ...[0, 1, 2, 3].flatMap((lane) => [...get(SUM), ...LANE(lane), ...(lane === 0 ? [] : ADD)]),
  ...STORE,
  ...[...get(OUT), ...i32(4), ...ADD, ...set(OUT)],
  ...[...get(ROW), ...get(STRIDE), ...ADD, ...set(ROW)],
  ...[...get(COUNT), ...i32(1), ...SUB, ...set(COUNT)],
  ...[...get(COUNT), ...AGAIN],
  ...END,
  ...END,
];

const named = (name: string) => [name.length, ...Buffer.from(name)];
/** A length below 2^14 as LEB128. */
const length = (bytes: readonly number[]) =>
  bytes.length < 0x80 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7];
const section = (id: number, bytes: readonly number[]) => [id, ...length(bytes), ...bytes];

const MODULE = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, [1, 0x60, 4, 0x7f, 0x7f, 0x7f, 0x7f, 0]),
  ...section(2, [1, ...named("m"), ...named("memory"), 2, 0, 1]),
  ...section(3, [1, 0]),
  ...section(7, [1, ...named("products"), 0, 0]),
  ...section(10, [1, ...length(BODY), ...BODY]),
]);

/** Whether this processor has what the module is made of. */
export const HAS_SIMD = WebAssembly.validate(MODULE);
