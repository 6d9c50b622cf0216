import { z } from "zod";

interface FlatField {
  readonly type: "string" | "integer" | "number" | "boolean" | "array";
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: { readonly type: "string" };
}

/** JSON Schema as every client understands it: one object, typed fields, no unions, nothing nested but lists of text. */
export interface FlatSchema {
  readonly type: "object";
  readonly properties: Readonly<Record<string, FlatField>>;
  readonly required?: string[];
  readonly additionalProperties: false;
}

const field = z.object({
  type: z.enum(["string", "integer", "number", "boolean", "array"]),
  description: z.string().optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  items: z.object({ type: z.literal("string") }).optional(),
});
const document = z.object({
  properties: z.record(z.string(), field),
  required: z.array(z.string()).optional(),
});

/** Beyond this a limit says nothing to a model: zod's own bounds of safe integers. */
const TELLING = 1_000_000;

/** @throws ZodError when a verb's arguments are not flat: a bug, found when the extension loads. */
export function flatSchema(shape: z.ZodType): FlatSchema {
  const { properties, required } = document.parse(z.toJSONSchema(shape, { io: "input" }));
  const fields = Object.entries(properties).map(([name, { minimum, maximum, description, items, ...rest }]) => [
    name,
    {
      type: rest.type,
      ...(description === undefined ? {} : { description }),
      ...(rest.enum === undefined ? {} : { enum: rest.enum }),
      ...(minimum === undefined || Math.abs(minimum) > TELLING ? {} : { minimum }),
      ...(maximum === undefined || Math.abs(maximum) > TELLING ? {} : { maximum }),
      ...(items === undefined ? {} : { items }),
    },
  ]);
  return {
    type: "object",
    properties: Object.fromEntries(fields),
    ...(required === undefined || required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}
