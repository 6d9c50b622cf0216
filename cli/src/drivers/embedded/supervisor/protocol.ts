/** What CLI and supervisor say to each other: one JSON line there, one JSON line back, over the control socket. */
import { z } from "zod";
import { SERVICE_IDS } from "../../../services/service-def.ts";
import { choreSpecSchema } from "./chore-spec.ts";
import { childRecordSchema, launchSpecSchema } from "./launch-spec.ts";

export const requestSchema = z.discriminatedUnion("op", [
  z.strictObject({ op: z.literal("status") }),
  /** Starts or replaces a service; nothing happens when it runs with the same input hash. */
  z.strictObject({ op: z.literal("start"), spec: launchSpecSchema }),
  z.strictObject({ op: z.literal("stop"), service: z.enum(SERVICE_IDS) }),
  /** These chores and no others from now on; nothing happens to one that is carried out as it is given. */
  z.strictObject({ op: z.literal("schedule"), chores: z.array(choreSpecSchema) }),
  /** Ends every chore, stops every service in reverse order and then the supervisor itself. */
  z.strictObject({ op: z.literal("shutdown") }),
  /** The supervisor ends its chores and itself, and leaves the services running, for a newer one to adopt. */
  z.strictObject({ op: z.literal("release") }),
]);

export type SupervisorRequest = z.infer<typeof requestSchema>;

export const replySchema = z.discriminatedUnion("ok", [
  z.strictObject({ ok: z.literal(true), changed: z.boolean(), children: z.array(childRecordSchema) }),
  z.strictObject({ ok: z.literal(false), message: z.string() }),
]);

export type SupervisorReply = z.infer<typeof replySchema>;
