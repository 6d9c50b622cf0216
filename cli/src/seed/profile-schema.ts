import { z } from "zod";

/** Names of agents: they become user names and parts of file names. */
export const agentName = z.string().regex(/^[a-z][a-z0-9-]{0,38}$/, "must be lower-case letters, digits and dashes");

const colour = z.string().regex(/^#[0-9A-Fa-f]{6}$/, "must be a colour such as #1F4A38");

/** Design tokens of the portal that a profile may set: name without the leading dashes, and a colour. */
const tokens = z.record(z.string().regex(/^[a-z][a-z0-9-]*$/, "must be a token name such as pine"), colour);

const profileAgentSchema = z.strictObject({
  name: agentName,
  title: z.string().min(1),
  /** Which verifier counts as independent is decided by this word alone. */
  model_family: z.string().regex(/^[a-z][a-z0-9-]*$/, "must be a lower-case word such as claude"),
  model: z.string().min(1),
  capabilities: z.array(z.string().min(1)).default([]),
  /** Suspended agents stand in the history and can claim nothing. */
  status: z.enum(["active", "suspended"]).default("active"),
  max_wip: z.int().min(1).max(20).default(2),
});

/** `profiles/<name>/profile.yaml`. An unknown key is an error, so that a misspelt one cannot be ignored. */
export const profileSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, "must be the name of the profile's folder"),
  brand: z.strictObject({ name: z.string().min(1), org: z.string().min(1), tagline: z.string().min(1) }),
  theme: z.strictObject({ paper: tokens.default({}), console: tokens.default({}) }).default({ paper: {}, console: {} }),
  /** Parts of the portal that this profile shows. */
  features: z.strictObject({
    receipts: z.boolean().default(true),
    timeline: z.boolean().default(true),
    costs: z.boolean().default(true),
    releases: z.boolean().default(true),
    contacts: z.boolean().default(true),
  }),
  agents: z.array(profileAgentSchema).min(1),
});

export type ProfileManifest = z.infer<typeof profileSchema>;
export type ProfileAgent = z.infer<typeof profileAgentSchema>;
