import type { z } from "zod";
import { MusterRefusal } from "../muster-refusal.ts";
import type { FlatSchema } from "./flat-schema.ts";

/**
 * The arguments of one call as an object with known names. Models send numbers as text, text as numbers and lists as JSON text; those
 * are taken for what they mean. Absent optional fields may come as null. @throws MusterRefusal MUSTER_VALUE_INVALID naming the field.
 */
export function readArguments(verb: string, schema: FlatSchema, raw: unknown): Readonly<Record<string, unknown>> {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    throw invalid(`${verb} takes one object of arguments. Send ${listOf(Object.keys(schema.properties))}.`);
  }
  const args: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(raw)) {
    const field = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    if (field === undefined) {
      throw invalid(`${verb} has no argument "${shown(name)}". It takes ${listOf(Object.keys(schema.properties))}.`);
    }
    if (value !== null && value !== undefined) args[name] = meant(field.type, value);
  }
  return args;
}

/** Parses by the verb's own schema. @throws MusterRefusal MUSTER_VALUE_INVALID naming the field and what it should be. */
export function checkArguments<Schema extends z.ZodType>(
  verb: string,
  schema: Schema,
  args: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(args);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = String(issue?.path[0] ?? "arguments");
  throw invalid(
    isMissing(args, name)
      ? `${verb} needs ${name}. Send it.`
      : `${name} of ${verb} is not valid: ${issue?.message ?? "unknown"}. Correct it and send the call again.`,
  );
}

function meant(type: string, value: unknown): unknown {
  if (type === "string" && typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  if (typeof value !== "string") return value;
  const text = value.trim();
  if ((type === "integer" || type === "number") && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
  if (type === "array" && text.startsWith("[")) return parsedOr(text, value);
  return value;
}

function parsedOr(text: string, otherwise: unknown): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON after all: the schema says what is wrong with it.
    return otherwise;
  }
}

function isMissing(args: unknown, name: string): boolean {
  return typeof args === "object" && args !== null && !Object.hasOwn(args, name);
}

function invalid(message: string): MusterRefusal {
  return new MusterRefusal({ code: "MUSTER_VALUE_INVALID", status: 422, message });
}

function shown(name: string): string {
  return name.replaceAll(/[^\w.-]/g, "?").slice(0, 40);
}

function listOf(names: readonly string[]): string {
  return names.join(", ");
}
