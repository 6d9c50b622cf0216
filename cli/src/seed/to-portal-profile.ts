import type { ProfileManifest } from "./profile-schema.ts";

/** The part of a profile that the portal shows: how it is called and how it looks. No agents, no rows. */
export type PortalProfile = Pick<ProfileManifest, "name" | "brand" | "theme" | "features">;

/** What is written as JSON for the portal to read. Pure. */
export function toPortalProfile({ name, brand, theme, features }: ProfileManifest): PortalProfile {
  return { name, brand, theme, features };
}
