import type { ExternalFacts } from "../../cli/src/database/external-facts.ts";

/** A server that lacks nothing, and a login with the rights that the printed statements give. */
export const FIT: ExternalFacts = {
  version_number: 180_004,
  is_standby: false,
  is_read_only: false,
  encoding: "UTF8",
  locale: "b C.UTF-8",
  password_encryption: "scram-sha-256",
  connections: 97,
  synchronous_commit: "on",
  synchronous_standby_names: "*",
  is_superuser: false,
  makes_roles: false,
  owns_database: true,
  missing_roles: [],
  closed_roles: [],
  fixed_roles: ["muster_directus", "muster_portal", "muster_rag"],
  has_board: true,
};
