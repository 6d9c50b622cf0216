import { describe, expect, it } from "vitest";
import { TOOL_LIST } from "./server.ts";

/**
 * 2,000 tokens at 3 bytes each. JSON schemas measure 4.0 to 4.2 bytes a token with public tokenizers (o200k: 4.1 here), so 3 holds for
 * tokenizers that are a third worse.
 */
const BYTE_BUDGET = 6000;

describe("the tools that a model sees", () => {
  it("are ten", () => {
    expect(TOOL_LIST.map((tool) => tool.name)).toEqual([
      ...["join", "next", "show", "find", "note", "release", "submit", "review", "verdict", "add"],
    ]);
  });

  it("cost an agent less than 2,000 tokens together", () => {
    expect(Buffer.byteLength(JSON.stringify(TOOL_LIST))).toBeLessThanOrEqual(BYTE_BUDGET);
  });

  it.each(TOOL_LIST)(
    "$name is flat: every field typed, every list typed, no union, nothing unnamed",
    ({ inputSchema }) => {
      expect(inputSchema.type).toBe("object");
      expect(inputSchema.additionalProperties).toBe(false);
      for (const field of Object.values(inputSchema.properties)) {
        expect(["string", "integer", "number", "boolean", "array"]).toContain(field.type);
        expect(field.items).toEqual(field.type === "array" ? { type: "string" } : undefined);
      }
      expect(Object.keys(inputSchema.properties)).toEqual(
        expect.arrayContaining([...(inputSchema.required ?? []), "key"]),
      );
    },
  );

  it.each(TOOL_LIST)("$name says what kind of tool it is", ({ name, description, annotations }) => {
    expect(description.length).toBeGreaterThan(30);
    expect(annotations).toMatchObject(
      name === "show" || name === "find" ? { readOnlyHint: true } : { destructiveHint: false, idempotentHint: true },
    );
  });
});
