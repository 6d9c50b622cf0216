import type { ExternalFacts } from "./external-facts.ts";

/** The one major version that the board is made for (docs/adr/0004). */
const MAJOR = 18;
/** Directus pools 10, portal 4, search 3, elk-os 4; the rest is air for a second replica of each. */
const LEAST_CONNECTIONS = 25;

/** What the server itself lacks, one sentence each; empty: nothing. Pure. */
export function findUnfit(facts: ExternalFacts): readonly string[] {
  const major = Math.floor(facts.version_number / 10_000);
  const problems = [];
  if (major !== MAJOR) problems.push(`It is Postgres ${major}; the board needs ${MAJOR}.`);
  if (facts.is_standby) problems.push("It is a standby, which nobody can write to; name the primary, too.");
  else if (facts.is_read_only) problems.push("It takes no writes: default_transaction_read_only is on.");
  if (facts.encoding !== "UTF8") problems.push(`The database's encoding is ${facts.encoding}; the board needs UTF8.`);
  if (facts.password_encryption !== "scram-sha-256")
    problems.push(`password_encryption is ${facts.password_encryption}; the board needs scram-sha-256.`);
  if (facts.connections < LEAST_CONNECTIONS)
    problems.push(`It lets ${facts.connections} connections in; the stack needs ${LEAST_CONNECTIONS}.`);
  return problems;
}

/** Rights that our login lacks, one sentence each; `locked`: roles that our passwords do not open. Pure. */
export function findMissingRights(facts: ExternalFacts, locked: readonly string[]): readonly string[] {
  if (facts.is_superuser) return [];
  const problems = [];
  if (facts.missing_roles.length > 0 && !facts.makes_roles)
    problems.push(`CREATEROLE, or the roles ${facts.missing_roles.join(", ")}, which do not exist.`);
  if (facts.closed_roles.length > 0)
    problems.push(`Membership in ${facts.closed_roles.join(" and ")}, with INHERIT and SET.`);
  if (!facts.owns_database) problems.push("Ownership of the database: it makes schemas there and says who may enter.");
  const fixed = locked.filter((role) => facts.fixed_roles.includes(role));
  if (fixed.length > 0)
    problems.push(`The passwords of ${fixed.join(", ")} are not those in secrets/, and the login may not set them.`);
  return problems;
}
