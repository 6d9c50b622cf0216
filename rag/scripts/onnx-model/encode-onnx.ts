/** Wire types and numbers of ONNX's protobuf messages: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
const VARINT = 0;
const BYTES = 2;
const FLOAT = 1;
const INT64 = 7;
const ATTRIBUTE_INT = 2;
const IR_VERSION = 8;
const OPSET = 13;
const EXTERNAL = 1;

/**
 * A model that looks up a row for each token and adds nothing: `input_ids`, `attention_mask` and `token_type_ids` in, `last_hidden_state` out, as sentence
 * models have it. `beside`: name of a file that holds the rows instead of the model, as large models have it; its bytes are `data`. Pure.
 */
export function encodeOnnx(
  rows: readonly Float32Array[],
  dims: number,
  beside: string | null,
): { readonly model: Uint8Array; readonly data: Uint8Array } {
  const table = new Float32Array(rows.length * dims);
  for (const [at, row] of rows.entries()) table.set(row, at * dims);
  const graph = message([
    ...node("Gather", ["table", "input_ids"], "rows", 0),
    ...node("Cast", ["attention_mask"], "mask", FLOAT),
    ...node("Unsqueeze", ["mask", "last"], "wide"),
    ...node("Mul", ["rows", "wide"], "masked"),
    ...node("Cast", ["token_type_ids"], "types", FLOAT),
    ...node("Unsqueeze", ["types", "last"], "types_wide"),
    ...node("Mul", ["types_wide", "zero"], "nothing"),
    ...node("Add", ["masked", "nothing"], "last_hidden_state"),
    text(2, "lookup"),
    beside === null
      ? tensor("table", [rows.length, dims], FLOAT, table)
      : tensorBeside("table", [rows.length, dims], beside, table.byteLength),
    tensor("last", [1], INT64, BigInt64Array.of(2n)),
    tensor("zero", [1], FLOAT, Float32Array.of(0)),
    ...["input_ids", "attention_mask", "token_type_ids"].map((name) => value(11, name, INT64, ["batch", "tokens"])),
    value(12, "last_hidden_state", FLOAT, ["batch", "tokens", dims]),
  ]);
  const model = message([
    number(1, IR_VERSION),
    text(2, "muster"),
    field(7, graph),
    field(8, message([text(1, ""), number(2, OPSET)])),
  ]);
  return { model, data: new Uint8Array(table.buffer) };
}

/** `axis`: of Gather; the type of Cast. */
function node(operator: string, inputs: readonly string[], output: string, axis?: number): Uint8Array[] {
  const parts = [...inputs.map((name) => text(1, name)), text(2, output), text(4, operator)];
  if (axis !== undefined)
    parts.push(
      field(5, message([text(1, operator === "Cast" ? "to" : "axis"), number(3, axis), number(20, ATTRIBUTE_INT)])),
    );
  return [field(1, message(parts))];
}

function tensor(name: string, dims: readonly number[], type: number, data: Float32Array | BigInt64Array): Uint8Array {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return field(5, message([...dims.map((dim) => number(1, dim)), number(2, type), text(8, name), field(9, raw)]));
}

/** A tensor of 32-bit numbers whose bytes are the whole of another file. */
function tensorBeside(name: string, dims: readonly number[], file: string, bytes: number): Uint8Array {
  const facts = Object.entries({ location: file, offset: "0", length: String(bytes) });
  const entries = facts.map(([key, fact]) => field(13, message([text(1, key), text(2, fact)])));
  const shape = dims.map((dim) => number(1, dim));
  return field(5, message([...shape, number(2, FLOAT), text(8, name), ...entries, number(14, EXTERNAL)]));
}

/** An input or output; a dimension by name may be of any size. */
function value(place: number, name: string, type: number, dims: readonly (string | number)[]): Uint8Array {
  const shape = message(
    dims.map((dim) => field(1, message([typeof dim === "string" ? text(2, dim) : number(1, dim)]))),
  );
  const tensorType = message([number(1, type), field(2, shape)]);
  return field(place, message([text(1, name), field(2, message([field(1, tensorType)]))]));
}

function message(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

function field(place: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([varint((place << 3) | BYTES), varint(bytes.length), bytes]);
}

function text(place: number, content: string): Uint8Array {
  return field(place, Buffer.from(content));
}

function number(place: number, content: number): Uint8Array {
  return Buffer.concat([varint((place << 3) | VARINT), varint(content)]);
}

function varint(content: number): Uint8Array {
  const bytes: number[] = [];
  let rest = content;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
